"""What the fields of records that users make must be: numbers, arrays, records of a kind; said where one is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError


def wrong(what: str, given: Any, fix: str, code: str = "model") -> HzdslError:
    """Return the error of a field."""
    said = f"an array of shape {given.shape}" if isinstance(given, np.ndarray) and given.size > 1 else f"{given!r:.60}"
    return HzdslError(code, f"{what}: {said}", fix=fix)


def is_number(x: Any) -> bool:
    """Return whether something is a number (NaN and infinities are, True is none).

    Examples
    --------
    >>> is_number(1), is_number(np.float64(2)), is_number(True), is_number("1")
    (True, True, False, False)
    """
    return isinstance(x, int | float | np.number) and not isinstance(x, bool)


def number(what: str, given: Any) -> None:
    """Refuse what is no finite number."""
    if not is_number(given) or not np.isfinite(given):
        raise wrong(what, given, "a finite number")


def name(what: str, given: Any) -> None:
    """Refuse what is no name."""
    if not isinstance(given, str) or not given:
        raise wrong(what, given, "a name, as text")


def array(what: str, given: Any) -> npt.NDArray[np.float64]:
    """Return numbers as an array of one dimension."""
    try:
        found = np.asarray(given, float)
    except (TypeError, ValueError):
        found = np.zeros(())
    if found.ndim != 1:
        raise wrong(what, given, "an array of numbers, one for each bin")
    return found


def several(what: str, given: Any, kind: type) -> tuple[Any, ...]:
    """Return records of a kind as a tuple; one alone stands for itself."""
    found = (given,) if isinstance(given, kind) else given
    if not isinstance(found, Sequence) or isinstance(found, str) or not all(isinstance(x, kind) for x in found):
        raise wrong(what, given, f"({kind.__name__}(…), …)")
    return tuple(found)


def choice(what: str, given: Any, choices: Sequence[str]) -> None:
    """Refuse a word that is none of some."""
    if not isinstance(given, str) or given not in choices:
        raise wrong(what, given, f"one of {', '.join(choices)}")


def put(record: Any, **values: Any) -> None:
    """Put fields of a frozen record that is being made into the form that they have."""
    for field, value in values.items():
        object.__setattr__(record, field, value)
