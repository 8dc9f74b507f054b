"""What the fields of records that users make must be: numbers, arrays, records of a kind; said where one is made.

What is a number, and that bounds ascend, is decided here for all of statistics: NumPy's numbers are numbers, True and
False are none.
"""

from __future__ import annotations

import math
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
    """Return whether something is a number that a double can hold (NaN and infinities are, True is none).

    Examples
    --------
    >>> is_number(1), is_number(np.float32(2)), is_number(True), is_number("1"), is_number(10**400)
    (True, True, False, False, False)
    """
    if isinstance(x, bool) or not isinstance(x, int | float | np.integer | np.floating):
        return False
    try:
        float(x)
    except OverflowError:
        return False
    return True


def is_finite(x: Any) -> bool:
    """Return whether something is a finite number.

    Examples
    --------
    >>> is_finite(np.int64(3)), is_finite(float("nan")), is_finite(None)
    (True, False, False)
    """
    return is_number(x) and math.isfinite(x)


def plain(x: Any) -> Any:
    """Return a number of NumPy as the one of Python that it is, which JSON can hold, and all else as it is."""
    return x.item() if isinstance(x, np.integer | np.floating) else x


def number(what: str, given: Any, code: str = "model") -> float:
    """Return a finite number; refuse what is none."""
    if not is_finite(given):
        raise wrong(what, given, "a finite number", code)
    return float(given)


def positive(what: str, given: Any, code: str = "model") -> float:
    """Return a finite number above 0; refuse what is none."""
    if not (is_finite(given) and given > 0):
        raise wrong(what, given, "a number above 0", code)
    return float(given)


def bounds(what: str, low: Any, high: Any, code: str = "model", *, equal: bool = False) -> None:
    """Refuse what is no range: the lower end is below the upper one, or, where that may be, `equal` to it."""
    if not (is_number(low) and is_number(high) and (low < high or (equal and low == high))):
        raise wrong(what, (plain(low), plain(high)), "give low below high", code)


def switch(what: str, given: Any, code: str = "model") -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(given, bool | np.bool_):
        raise wrong(what, given, "True or False", code)


def name(what: str, given: Any, code: str = "model") -> None:
    """Refuse what is no name."""
    if not isinstance(given, str) or not given:
        raise wrong(what, given, "a name, as text", code)


def line(what: str, given: Any, code: str = "model") -> None:
    """Refuse what is no text."""
    if not isinstance(given, str):
        raise wrong(what, given, "one line of text", code)


def instance(what: str, given: Any, kind: type | tuple[type, ...], fix: str, code: str = "model") -> None:
    """Refuse what is of another kind, and not None."""
    if given is not None and not isinstance(given, kind):
        raise wrong(what, given, fix, code)


def names_of_bins(what: str, given: Any) -> tuple[str | None, ...]:
    """Return the names of parameters, one for each bin or None, as a tuple."""
    listed = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    if not listed or not all(x is None or (isinstance(x, str) and x) for x in given):
        raise wrong(what, given, "a name for each bin, or None: ('stat_0', None)")
    return tuple(given)


def array(what: str, given: Any) -> npt.NDArray[np.float64]:
    """Return numbers as an array of one dimension."""
    try:
        found = np.asarray(given, float)
    except (TypeError, ValueError):
        found = np.zeros(())
    if found.ndim != 1:
        raise wrong(what, given, "an array of numbers, one for each bin")
    return found


def several(what: str, given: Any, kind: type, code: str = "model") -> tuple[Any, ...]:
    """Return records of a kind (or names, which are `str`) as a tuple; one alone stands for itself."""
    found = (given,) if isinstance(given, kind) else given
    if not isinstance(found, Sequence) or not all(isinstance(x, kind) and x != "" for x in found):
        raise wrong(what, given, "names: ('a', 'b')" if kind is str else f"({kind.__name__}(…), …)", code)
    return tuple(found)


def choice(what: str, given: Any, choices: Sequence[str], code: str = "model") -> None:
    """Refuse a word that is none of some."""
    if not isinstance(given, str) or given not in choices:
        raise wrong(what, given, f"one of {', '.join(choices)}", code)


def apart(what: str, names: Sequence[str]) -> None:
    """Refuse two things of one name."""
    if len(set(names)) < len(names):
        raise HzdslError("name-twice", f"two {what} have one name: {', '.join(names)}", fix="name them apart")


def put(record: Any, **values: Any) -> None:
    """Put fields of a frozen record that is being made into the form that they have."""
    for field, value in values.items():
        object.__setattr__(record, field, value)
