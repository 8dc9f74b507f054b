"""autoMCStats: which bins get parameters for the statistics of simulation, and of which kind (STATS §3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from hzdsl.records import dataclass
from hzdsl.stats.cards.records import AutoStats
from hzdsl.stats.parameters import Counted, Normal, Parameter, Vector
from hzdsl.stats.templates.model import Added, Gammas

GROUP = "autoMCStats"
#: Parameters of bins are within so many standard deviations.
SIGMAS = 7.0


@dataclass(frozen=True, eq=False)
class SimulatedProcess:
    """One process of a channel: its yield, contents and errors of bins per unit of it, and whether it is signal."""

    name: str
    rate: float
    contents: Vector
    errors: Vector
    signal: bool


@dataclass(frozen=True, eq=False)
class Statistics:
    """Bins with one Gaussian parameter for all processes, which is profiled, and parameters of single processes.

    `gammas` and `added` hold what is to be added to the process of the same place; `parameters` are new.
    """

    profiled: npt.NDArray[np.bool_]
    gammas: tuple[tuple[Gammas, ...], ...]
    added: tuple[Added | None, ...]
    parameters: tuple[Parameter, ...]


def statistics(channel: str, processes: Sequence[SimulatedProcess], line: AutoStats) -> Statistics:
    """Return what autoMCStats gives a channel.

    Parameters
    ----------
    channel : str
        Its name, for names of parameters: ``prop_binCHANNEL_binK_PROCESS``.
    processes : sequence of SimulatedProcess
        In the order of the model.
    line : AutoStats
        Threshold, and whether signal counts in the test of it.
    """
    bins = len(processes[0].contents)
    tested = [p for p in processes if line.include_signal or not p.signal]
    content = np.sum([p.rate * p.contents for p in tested], axis=0) if tested else np.zeros(bins)
    square = np.sum([(p.rate * p.errors) ** 2 for p in tested], axis=0) if tested else np.zeros(bins)
    some = square > 0
    effective = np.zeros(bins)
    effective[some] = np.floor(0.5 + content[some] ** 2 / square[some])
    profiled = some & (effective > line.threshold)
    apart = some & ~profiled
    found = [_of_process(channel, p, np.flatnonzero(apart).tolist(), line.threshold) for p in processes]
    return Statistics(
        profiled,
        tuple(f.gammas for f in found),
        tuple(f.added for f in found),
        tuple(p for f in found for p in f.parameters),
    )


@dataclass(frozen=True, eq=False)
class _Own:
    gammas: tuple[Gammas, ...]
    added: Added | None
    parameters: tuple[Parameter, ...]


def _of_process(channel: str, p: SimulatedProcess, bins: Iterable[int], threshold: float) -> _Own:
    """Return the parameters of one process in the bins that have one for each process."""
    factors: list[str | None] = [None] * len(p.contents)
    terms: list[str | None] = [None] * len(p.contents)
    parameters = []
    for b in bins:
        content, error = float(p.contents[b]), float(p.errors[b])
        if error <= 0 or content < 0:
            continue
        name = f"{name_of_bin(channel, b)}_{p.name}"
        doc = f"statistics of simulation: {p.name} in bin {b} of {channel}"
        count = _effective(content, error)
        if count is not None and count <= threshold:
            factors[b] = name
            low, high = poisson_range(count)
            counted = Counted(count, count)
            parameters.append(Parameter(name, 1.0, low / count, high / count, counted, groups=(GROUP,), doc=doc))
        else:  # times the error of what was simulated, which shapes do not move
            terms[b] = name
            parameters.append(Parameter(name, 0.0, -SIGMAS, SIGMAS, Normal(), groups=(GROUP,), doc=doc))
    gammas = (Gammas(tuple(factors)),) if any(f is not None for f in factors) else ()
    added = Added(tuple(terms), p.errors) if any(t is not None for t in terms) else None
    return _Own(gammas, added, tuple(parameters))


def _effective(content: float, error: float) -> float | None:
    """Return the number of effective events, None where it is less than one."""
    return float(np.floor(0.5 + (content / error) ** 2)) if content >= 0.999 * error else None


def name_of_bin(channel: str, number: int) -> str:
    """Return Combine's name of the parameter that all processes of a bin share.

    Examples
    --------
    >>> name_of_bin("sr", 3)
    'prop_binsr_bin3'
    """
    return f"prop_bin{channel}_bin{number}"


def poisson_range(count: float) -> tuple[float, float]:
    """Return the means that a count excludes at `SIGMAS` standard deviations on either side (Garwood)."""
    from scipy.stats import chi2, norm

    tail = float(norm.sf(SIGMAS))
    return 0.5 * float(chi2.ppf(tail, 2 * count)), 0.5 * float(chi2.isf(tail, 2 * (count + 1)))
