"""Places for errors that have none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hzdsl.errors import HzdslError, Place


@contextmanager
def at(place: Place) -> Iterator[None]:
    """Give the errors raised inside a place, where they have none."""
    try:
        yield
    except HzdslError as e:
        raise e.at(place) from None
