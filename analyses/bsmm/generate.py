"""Candidates B0s -> mu mu as a ROOT file with the branches of the seed 003_2bff271d429214f6, and what is true of them.

    python -m analyses.bsmm.generate bsmm.root --events 100000 --seed 1

Signal has a Crystal Ball's mass: a Gaussian core, and below mean - alpha sigma a power law (photons that the muons
radiate). Combinatorial background falls exponentially and fills 4900-5800 MeV alone, the range that is fitted. Mass,
vertex and momentum are independent, so that yields after the selection are products of known probabilities. Of what is
produced a detector keeps a share that depends on momentum and pseudorapidity; a weight of one over this efficiency
restores it. Energies are in MeV.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from math import exp, sqrt, tau

import numpy as np
import numpy.typing as npt

from hzdsl.io.sinks import atomic_path
from hzdsl.records import dataclass

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[np.generic]]

TREE = "DecayTree"
LOW, HIGH = 4900.0, 5800.0  # MeV
MAX_CHI2, MIN_PT = 10.0, 4000.0  # the selection; pt in MeV
BASKET = 25_000  # entries
HIGHEST_ETA = 2.4


@dataclass(frozen=True)
class CrystalBall:
    """A Gaussian of `mean` and `sigma` (MeV) that goes over into (B - t)^-n below t = -alpha, t = (m - mean)/sigma."""

    mean: float = 5366.9
    sigma: float = 25.0
    alpha: float = 1.0
    n: float = 3.0

    @property
    def _joint(self) -> float:
        """B: the pole of the power law is at t = B."""
        return self.n / self.alpha - self.alpha

    def _integrals(self) -> tuple[float, float]:
        """Return the integrals over t of the whole tail and of the whole core, its height being 1."""
        from scipy.special import ndtr

        tail = self.n / self.alpha / (self.n - 1) * exp(-(self.alpha**2) / 2)
        return tail, sqrt(tau) * float(ndtr(self.alpha))

    def below(self, mass: float) -> float:
        """Return the probability of a mass below one in MeV."""
        from scipy.special import ndtr

        tail, core = self._integrals()
        t = (mass - self.mean) / self.sigma
        if t < -self.alpha:
            part = tail * ((self._joint - t) / (self.n / self.alpha)) ** (1 - self.n)
        else:
            part = tail + sqrt(tau) * float(ndtr(t) - ndtr(-self.alpha))
        return part / (tail + core)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Return masses in MeV, found from uniform numbers by the inverse of `below`."""
        from scipy.special import ndtr, ndtri

        tail, core = self._integrals()
        u = rng.random(size) * (tail + core)
        in_tail = u < tail
        t = np.empty(size)
        t[in_tail] = self._joint - self.n / self.alpha * (u[in_tail] / tail) ** (1 / (1 - self.n))
        t[~in_tail] = ndtri(ndtr(-self.alpha) + (u[~in_tail] - tail) / sqrt(tau))
        return self.mean + self.sigma * t


@dataclass(frozen=True)
class Exponential:
    """exp(-m/scale) between 4900 and 5800 MeV, and nothing elsewhere.

    The seed's 50 MeV leave one candidate in 10 000 under the signal: `scale` is more.
    """

    scale: float = 400.0

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Return masses in MeV."""
        return LOW - self.scale * np.log1p(rng.random(size) * np.expm1((LOW - HIGH) / self.scale))


@dataclass(frozen=True)
class Component:
    """One kind of candidates: how many are expected to be produced, the freedom of chi2, the mean pt in MeV."""

    produced: float
    mass: CrystalBall | Exponential
    freedom: int
    mean_pt: float

    def passing(self) -> float:
        """Return the probability that a produced candidate is in the mass window, of a good vertex, and hard enough."""
        from scipy.special import chdtr

        window = self.mass.below(HIGH) - self.mass.below(LOW) if isinstance(self.mass, CrystalBall) else 1.0
        return window * float(chdtr(self.freedom, MAX_CHI2)) * exp(-MIN_PT / self.mean_pt)

    def expected(self) -> float:
        """Return the sum of weights that is expected after the selection."""
        return self.produced * self.passing()


def components(
    events: float = 100_000, signal: float = 0.01, mass: CrystalBall | None = None, scale: float = Exponential.scale
) -> dict[str, Component]:
    """Return signal and background: `events` of background are expected, and `signal` times as many of signal."""
    return {
        "signal": Component(events * signal, mass or CrystalBall(), freedom=3, mean_pt=7000.0),
        "background": Component(events, Exponential(scale), freedom=5, mean_pt=5000.0),
    }


def efficiency(pt: Floats, eta: Floats) -> Floats:
    """Return the share of candidates that a detector keeps: a turn-on at 3 GeV, less at high pseudorapidity."""
    return (0.9 - 0.2 * (eta / HIGHEST_ETA) ** 2) / (1 + np.exp((3000.0 - pt) / 800.0))


def generate(parts: Mapping[str, Component], seed: int) -> Columns:
    """Return candidates in random order, as columns; the numbers produced are Poisson numbers.

    Parameters
    ----------
    parts : mapping of str to Component
        As `components` gives them.
    seed : int
        Of all random numbers.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    made = [_candidates(rng, part, name == "signal") for name, part in parts.items()]
    whole = {name: np.concatenate([m[name] for m in made]) for name in made[0]}
    order = rng.permutation(len(whole["B_mass"]))
    return {name: column[order] for name, column in whole.items()}


def _candidates(rng: np.random.Generator, part: Component, is_signal: bool) -> Columns:
    size = int(rng.poisson(part.produced))
    pt, eta = rng.exponential(part.mean_pt, size), rng.uniform(-HIGHEST_ETA, HIGHEST_ETA, size)
    kept = efficiency(pt, eta)
    columns = {
        "B_mass": part.mass.draw(rng, size),
        "muon_pt": pt,
        "muon_eta": eta,
        "muon_phi": rng.uniform(-np.pi, np.pi, size),
        "vertex_chi2": rng.chisquare(part.freedom, size),
        "is_signal": np.full(size, is_signal),
        "event_weight": 1 / kept,
    }
    seen = rng.random(size) < kept
    return {name: column[seen] for name, column in columns.items()}


def write(path: str, columns: Columns) -> None:
    """Write candidates as a TTree `DecayTree`, whole or not at all."""
    import uproot

    with atomic_path(path) as temporary, uproot.recreate(temporary, compression=uproot.ZLIB(1)) as file:
        tree = file.mktree(TREE, {name: c.dtype for name, c in columns.items()}, title="generated, not data")
        for start in range(0, len(columns["B_mass"]), BASKET):
            tree.extend({name: c[start : start + BASKET] for name, c in columns.items()})


def main() -> None:
    """Write a file, and say what is expected after the selection."""
    known = argparse.ArgumentParser(prog="python -m analyses.bsmm.generate", description=__doc__.split("\n", 1)[0])
    known.add_argument("file")
    known.add_argument("--events", type=float, default=100_000, help="expected background candidates [%(default)s]")
    known.add_argument("--signal", type=float, default=0.01, help="signal candidates for each of them [%(default)s]")
    known.add_argument("--scale", type=float, default=Exponential.scale, help="of the background, in MeV [%(default)s]")
    known.add_argument("--seed", type=int, default=1, help="[%(default)s]")
    given = known.parse_args()
    parts = components(given.events, given.signal, scale=given.scale)
    columns = generate(parts, given.seed)
    write(given.file, columns)
    print(f"{given.file}: {len(columns['B_mass'])} candidates of seed {given.seed}")
    for name, part in parts.items():
        print(f"{name:>12}: {part.produced:.0f} produced, {part.expected():.1f} expected after selection and weights")


if __name__ == "__main__":
    main()
