"""The other 250 of 500 random programs."""

from __future__ import annotations

from tests.fuzz.agreement import Agreement


class TestSecondHalf(Agreement):
    blocks = range(5, 10)
