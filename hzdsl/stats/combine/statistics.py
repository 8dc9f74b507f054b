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
        if content == 0:  # nothing to multiply: what is added is nu times the error
            terms[b] = name
            parameters.append(Parameter(name, 0.0, -7.0, 7.0, Normal(), groups=(GROUP,), doc=doc))
            continue
        factors[b] = name
        parameters.append(_factor(name, content, error, threshold, doc))
    gammas = (Gammas(tuple(factors)),) if any(f is not None for f in factors) else ()
    added = Added(tuple(terms), p.errors) if any(t is not None for t in terms) else None
    return _Own(gammas, added, tuple(parameters))


def _factor(name: str, content: float, error: float, threshold: float, doc: str) -> Parameter:
    """Return the factor of one process in one bin: of few effective events a Poisson one, else a Gaussian one."""
    ratio = error / content
    if content >= 0.999 * error:
        effective = float(np.floor(0.5 + 1 / ratio**2))
        if effective <= threshold:
            low, high = poisson_range(effective)
            counted = Counted(effective, effective)
            return Parameter(name, 1.0, low / effective, high / effective, counted, groups=(GROUP,), doc=doc)
    low, high = 1 - 7 * ratio, 1 + 7 * ratio
    return Parameter(name, 1.0, low, high, Normal(1.0, ratio), groups=(GROUP,), doc=doc)


def name_of_bin(channel: str, number: int) -> str:
    """Return Combine's name of the parameter that all processes of a bin share.

    Examples
    --------
    >>> name_of_bin("sr", 3)
    'prop_binsr_bin3'
    """
    return f"prop_bin{channel}_bin{number}"


def poisson_range(count: float, sigmas: float = 7.0) -> tuple[float, float]:
    """Return the means that a count excludes at some standard deviations on either side (Garwood)."""
    from scipy.stats import chi2, norm

    tail = float(norm.sf(sigmas))
    return 0.5 * float(chi2.ppf(tail, 2 * count)), 0.5 * float(chi2.isf(tail, 2 * (count + 1)))
