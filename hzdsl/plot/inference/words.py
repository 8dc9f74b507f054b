"""Numbers in words of plots: a value with its errors, percentages, p-values."""

from __future__ import annotations

from hzdsl.plot.text import number
from hzdsl.results.text import value_and_error
from hzdsl.stats.fits.crossing import Interval, State
from hzdsl.stats.methods.probabilities import ToyPValue


def asymmetric(found: Interval) -> str:
    r"""Return a value with its errors; a word where a bound is met first, a question mark at an end that was not found.

    Examples
    --------
    >>> asymmetric(Interval("r", 1.48123, 0.8825, 2.1456)), asymmetric(Interval("r", 0.1, 0.0, 0.5, "bound"))
    ('1.48$_{-0.60}^{+0.66}$', '0.10$_{\\mathrm{bound}}^{+0.40}$')
    """
    smaller = min((e for e in (found.plus, found.minus) if e > 0), default=0.0)
    value = value_and_error(found.value, smaller)[0]
    decimals = len(value.partition(".")[2])
    down, up = (f"{e:.{decimals}f}" for e in (found.minus, found.plus))
    low, high = (_end(e, state) for e, state in ((f"-{down}", found.low_state), (f"+{up}", found.high_state)))
    return f"{value}$_{{{low}}}^{{{high}}}$"


def _end(error: str, state: State) -> str:
    return r"\mathrm{bound}" if state == "bound" else error if state == "crossed" else f"{error}?"


def p_value(found: ToyPValue) -> str:
    r"""Return a p-value from toys with its error.

    Examples
    --------
    >>> p_value(ToyPValue(4.2, 12, 999))
    '$p$ = 0.013 ± 0.0036'
    """
    return f"$p$ = {number(found.p, 2)} ± {number(found.error, 2)}"


def percent(level: float) -> str:
    """Return a level as a percentage.

    Examples
    --------
    >>> percent(0.95), percent(0.683)
    ('95%', '68.3%')
    """
    return f"{100 * level:.4g}%"
