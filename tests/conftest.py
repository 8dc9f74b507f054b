"""What tests of several rooms share."""

from __future__ import annotations

import pytest

from hzdsl.backends.base import Backend
from hzdsl.run import backend_of


@pytest.fixture(params=["interpret", "codegen"])
def backend(request) -> Backend:
    """Each backend in turn; one that cannot be imported fails."""
    return backend_of(request.param)
