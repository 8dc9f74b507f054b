"""What is uncertain of channels besides the variations that a run has: log-normal factors, free ones, statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from math import inf
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import AutoStats, Column, ColumnName, Effect, Line, Number, RateParam, Systematic
from hzdsl.stats.fields import is_number, wrong

#: A log-normal uncertainty: the factor κ at +1σ (1/κ at -1σ), or those at -1σ and +1σ.
Kappa = float | tuple[float, float]
#: A free factor starts at 1 and stays within these bounds.
FREE = Number(1.0, (0.0, 10.0))


@dataclass(frozen=True)
class Uncertainties:
    """What is uncertain of the channels of a run, besides the variations that their histograms have.

    Processes are named as in the run, or as ``channel/process`` with ``*`` for anything: ``"sr/*"``.

    Parameters
    ----------
    norms : mapping of str to κ, or to a mapping of processes to κ
        Log-normal uncertainties of all processes, or of some: 1.025 is 2.5 %; (0.97, 1.05) the factors at -1σ and +1σ.
    free : mapping of str to a process, or several
        Factors that nothing constrains, which data determine (Combine's rateParam): they start at 1, from 0 to 10.
    threshold : float, optional
        Statistics of simulation (Combine's autoMCStats): bins of fewer effective events have a Poisson parameter for
        each process, others one Gaussian parameter. None: simulation is taken as exact.
    include_signal : bool
        Whether events of signals count for the threshold.

    Examples
    --------
    >>> columns = [Column("sr", "ggH", 0, 5.0), Column("sr", "ZZ", 1, 20.0)]
    >>> given = Uncertainties(norms={"lumi": 1.025, "QCDscale_ZZ": {"ZZ": 1.03}}, threshold=None)
    >>> for line in given.lines(columns):
    ...     print(line.name, {column[1]: effect.up for column, effect in line.effects.items()})
    lumi {'ggH': 1.025, 'ZZ': 1.025}
    QCDscale_ZZ {'ZZ': 1.03}
    """

    norms: Mapping[str, Kappa | Mapping[str, Kappa]] = field(default_factory=dict)
    free: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    threshold: float | None = 10
    include_signal: bool = False

    def __post_init__(self) -> None:
        """Refuse what is by no name."""
        for what, given in (("norms", self.norms), ("free", self.free)):
            if not isinstance(given, Mapping):
                fix = "by name: norms={'lumi': 1.025}, free={'scale_ZZ': 'ZZ'}"
                raise wrong(f"the {what} of uncertainties", given, fix, "arguments")

    def lines(self, columns: Sequence[Column], shapes: Sequence[Line] = ()) -> Iterator[Line]:
        """Yield the lines of a card: log-normals, `shapes`, free factors, statistics.

        Raises
        ------
        HzdslError
            ``name-unknown`` for a process that there is not, ``parameter`` for a κ that is none.
        """
        for name, given in self.norms.items():
            yield Systematic(name, "lnN", _effects(name, given, [c.name for c in columns]))
        yield from shapes
        for name, wanted in self.free.items():
            for pattern in wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]:
                yield from (RateParam(name, *c, FREE) for c in _meant(name, pattern, [c.name for c in columns]))
        if self.threshold is not None:
            yield AutoStats("*", _threshold(self.threshold), self.include_signal)


def _effects(name: str, given: Kappa | Mapping[str, Kappa], columns: Sequence[ColumnName]) -> dict[ColumnName, Effect]:
    each = given if isinstance(given, Mapping) else {"*/*": given}
    return {c: _effect(name, kappa) for pattern, kappa in each.items() for c in _meant(name, pattern, columns)}


def _effect(name: str, kappa: Any) -> Effect:
    sides = kappa if isinstance(kappa, Sequence) and not isinstance(kappa, str) else (kappa,)
    if len(sides) not in (1, 2) or not all(is_number(k) and 0 < k < inf for k in sides):
        fix = "κ of a log-normal: 1.025 for 2.5 %, or the factors (down, up)"
        raise HzdslError("parameter", f"the uncertainty {name} is {kappa!r}", fix=fix)
    return Effect(float(sides[0])) if len(sides) == 1 else Effect(float(sides[1]), float(sides[0]))


def _meant(name: str, pattern: str, columns: Sequence[ColumnName]) -> list[ColumnName]:
    """Return the columns that a process, or a pattern of channel/process, means."""
    found = [c for c in columns if c[1] == pattern or fnmatchcase("/".join(c), str(pattern))]
    if not found:
        known = dict.fromkeys(process for _, process in columns)
        fix = did_you_mean(str(pattern), known) or f"there are {', '.join(known)}"
        raise HzdslError("name-unknown", f"{name} is of '{pattern}', which is no process", fix=fix)
    return found


def _threshold(given: Any) -> float:
    if not is_number(given) or not 0 <= given < inf:
        fix = "a number of effective events, such as 10; None takes simulation as exact"
        raise HzdslError("parameter", f"the threshold of the statistics of simulation is {given!r}", fix=fix)
    return float(given)
