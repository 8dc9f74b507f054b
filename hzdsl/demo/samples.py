"""The eight samples of the demo: what they hold, how many events, from which seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from hzdsl.demo.detector import reconstruct
from hzdsl.demo.events import Columns, Events, concatenated
from hzdsl.demo.four_vectors import Ints
from hzdsl.demo.processes import ELECTRON, MUON, higgs_to_4l, z_to_2l, zz_to_4l
from hzdsl.records import dataclass

LUMINOSITY = 11580.0  # 1/pb
Role = Literal["signal", "background", "data"]


@dataclass(frozen=True)
class SampleSpec:
    """One file of the demo, named as its original on the CERN Open Data portal.

    Attributes
    ----------
    name : str
        Name of the file without `.root`.
    role : str
        "signal", "background" or "data".
    channels : tuple of str
        The df103 regions this sample serves.
    cross_section, k_factor : float or None
        In pb, and the factor on it; None for data.
    generated : int or None
        Events generated, which is what weights divide by; None for data.
    """

    name: str
    role: Role
    channels: tuple[str, ...]
    cross_section: float | None = None
    k_factor: float | None = None
    generated: int | None = None

    @property
    def weight(self) -> float:
        """Luminosity × cross-section × k / N of a simulated sample, 1 for data."""
        if self.cross_section is None or self.k_factor is None or self.generated is None:
            return 1.0
        return LUMINOSITY * self.cross_section * self.k_factor / self.generated


SAMPLES: tuple[SampleSpec, ...] = (
    SampleSpec("SMHiggsToZZTo4L", "signal", ("4mu", "4e", "2e2mu"), 0.0065, 1.0, 40_000),
    SampleSpec("ZZTo4mu", "background", ("4mu",), 0.077, 1.386, 80_000),
    SampleSpec("ZZTo4e", "background", ("4e",), 0.077, 1.386, 80_000),
    SampleSpec("ZZTo2e2mu", "background", ("2e2mu",), 0.18, 1.386, 100_000),
    SampleSpec("Run2012B_DoubleMuParked", "data", ("4mu", "2e2mu")),
    SampleSpec("Run2012C_DoubleMuParked", "data", ("4mu", "2e2mu")),
    SampleSpec("Run2012B_DoubleElectron", "data", ("4e",)),
    SampleSpec("Run2012C_DoubleElectron", "data", ("4e",)),
)
"""In the order they are generated and written."""

ZZ_FLAVOURS = {"ZZTo4mu": (MUON, MUON), "ZZTo4e": (ELECTRON, ELECTRON), "ZZTo2e2mu": (ELECTRON, MUON)}

# Share of the luminosity, and some of the certified runs.
PERIODS: dict[str, tuple[float, tuple[int, ...]]] = {
    "Run2012B": (0.385, (193834, 194050, 194480, 195304, 195950, 196452)),
    "Run2012C": (0.615, (198049, 199021, 199608, 200601, 201278, 202060, 202973)),
}
# Expected Z -> ll in the pseudo-data: a small part of the millions there were, but with more fakes beside
# them, so that one or two are selected.
Z_EXPECTED = 60_000.0
Z_FAKE_SCALE = 1.6


def stream_seeds(seed: int) -> dict[str, int]:
    """Return the seed of every independent stream: one per simulated sample, one per data-taking period.

    Examples
    --------
    >>> sorted(stream_seeds(2012))
    ['Run2012B', 'Run2012C', 'SMHiggsToZZTo4L', 'ZZTo2e2mu', 'ZZTo4e', 'ZZTo4mu']
    """
    names = [s.name for s in SAMPLES if s.role != "data"] + list(PERIODS)
    children = np.random.SeedSequence(seed).spawn(len(names))
    return {n: int(c.generate_state(1, np.uint64)[0]) for n, c in zip(names, children, strict=True)}


def make_samples(seed: int) -> Iterator[tuple[SampleSpec, int, Events]]:
    """Generate the samples one after the other: the specification, its stream's seed, the events.

    The two files of a data-taking period are one set of collisions, so an event with two muons and two
    electrons stands in both, as in reality.
    """
    seeds = stream_seeds(seed)
    periods: dict[str, Events] = {}
    for spec in SAMPLES:
        period = spec.name.partition("_")[0]
        stream = seeds[period if spec.role == "data" else spec.name]
        if spec.role != "data":
            yield spec, stream, simulated(spec, stream)
            continue
        if period not in periods:
            periods[period] = pseudo_data(period, stream)
        yield spec, stream, _triggered(periods[period], spec)


def simulated(spec: SampleSpec, seed: int) -> Events:
    """Generate a simulated sample of `spec.generated` events."""
    rng = np.random.Generator(np.random.PCG64(seed))
    n = spec.generated or 0
    truth = higgs_to_4l(rng, n) if spec.role == "signal" else zz_to_4l(rng, n, ZZ_FLAVOURS[spec.name])
    events = reconstruct(rng, truth)
    number = np.arange(n)
    return _numbered(events, np.ones(n, dtype=np.int64), 1 + number // 200, 1 + number)


def pseudo_data(period: str, seed: int) -> Events:
    """Draw a period's collisions: Poisson numbers of independent signal, ZZ and Z events, shuffled."""
    rng = np.random.Generator(np.random.PCG64(seed))
    share, runs = PERIODS[period]
    parts = [reconstruct(rng, z_to_2l(rng, int(rng.poisson(share * Z_EXPECTED))), Z_FAKE_SCALE)]
    for spec in SAMPLES:
        if spec.cross_section is None or spec.k_factor is None:
            continue
        n = int(rng.poisson(share * LUMINOSITY * spec.cross_section * spec.k_factor))
        truth = higgs_to_4l(rng, n) if spec.role == "signal" else zz_to_4l(rng, n, ZZ_FLAVOURS[spec.name])
        parts.append(reconstruct(rng, truth))
    events = concatenated(parts)
    n = len(events)
    position = np.sort(rng.random(n)) * len(runs)
    run, inside = np.asarray(runs)[position.astype(np.int64)], position % 1.0
    shuffled = events.take(rng.permutation(n))
    return _numbered(shuffled, run, 1 + (400 * inside).astype(np.int64), np.cumsum(rng.integers(1, 4000, n)))


def _triggered(events: Events, spec: SampleSpec) -> Events:
    """Keep what the sample's trigger kept: two leptons of its kind."""
    leptons = events.muons if "DoubleMu" in spec.name else events.electrons
    return events.take(np.nonzero(leptons.counts >= 2)[0])


def _numbered(events: Events, run: Ints, block: Ints, number: Ints) -> Events:
    """Return the events with run, luminosity block and event number."""
    identity: Columns = {
        "run": run.astype(np.int32),
        "luminosityBlock": block.astype(np.uint32),
        "event": number.astype(np.uint64),
    }
    return Events(events.per_event | identity, events.muons, events.electrons)
