"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzdsl.backends.base import Backend
from hzdsl.run import backend_of

#: Programs for a process of their own. Collecting doctests would import them, and ROOT, which takes over signals and
#: brings its own LLVM, ended processes of tests that had it beside ours with a damaged heap.
collect_ignore_glob = ["*/root_*.py"]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory) -> Iterator[None]:
    """Object code of a session is kept apart from that of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HZDSL_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(params=["interpret", "codegen"])
def backend(request) -> Backend:
    """Each backend in turn; one that cannot be imported fails."""
    return backend_of(request.param)
