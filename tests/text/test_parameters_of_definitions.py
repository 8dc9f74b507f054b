"""The parameters of a definition."""

from __future__ import annotations

import pytest

from hzdsl import HzdslError
from hzdsl.text import loads


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(HzdslError, match="'f' has two parameters 'x'") as caught:
        loads("define = '''\nf(x, y, x) = x\na = f(1, 2, 3)\n'''")
    assert caught.value.code == "name-twice"
    assert "f(x, y, x) = x" in str(caught.value)
