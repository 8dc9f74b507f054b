"""The first 250 of 500 random programs."""

from __future__ import annotations

from tests.fuzz.agreement import Agreement


class TestFirstHalf(Agreement):
    blocks = range(5)
