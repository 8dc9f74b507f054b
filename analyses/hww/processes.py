"""What happens in the collision: an electron, a muon, what leaves unseen, and jets, of the seed's eight processes.

Every process is a chain of two-body decays, isotropic in the rest frame of what decays; only H -> WW is weighted with
its matrix element, for it is the spins that bring its leptons together. Cross-sections are those of what is generated
here (an electron and a muon, of which some are not leptons at all), chosen so that regions hold about what is published
of 13 TeV. This stands in for simulation; it is none. Energies are in GeV.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hzdsl.demo.four_vectors import Bools, Floats, FourVectors, Ints, boost, kallen
from hzdsl.demo.spectra import (
    HIGGS_MASS,
    Z,
    breit_wigner,
    mass_above_threshold,
    rejected,
    tau_lepton_fraction,
    transverse_momentum,
)
from hzdsl.records import dataclass

W = W_MASS, W_WIDTH = 80.379, 2.085
TOP_MASS, B_MASS = 172.5, 4.8


class Jets(NamedTuple):
    """Jets in the order of events: how many each event has, and flat columns; `b`: of a b quark."""

    counts: Ints
    pt: Floats
    eta: Floats
    phi: Floats
    b: Bools


class Truth(NamedTuple):
    """n events: two leptons, the first an electron where `electron_first`; the sum of what leaves unseen; jets."""

    leptons: tuple[FourVectors, FourVectors]
    charges: tuple[Ints, Ints]
    electron_first: Bools
    missing: tuple[Floats, Floats]
    jets: Jets


class Recoil(NamedTuple):
    """The transverse momentum of the hard system, which balances the jets radiated beside it."""

    pt: Floats
    phi: Floats


Hard = tuple[FourVectors, FourVectors, FourVectors, tuple[FourVectors, ...]]  # leptons, missing, b quarks
Make = Callable[[np.random.Generator, Recoil], Hard]


@dataclass(frozen=True)
class Process:
    """One of the seed's processes.

    Attributes
    ----------
    xsec : float
        In pb, of what is generated.
    make : function
        Draws the hard system, given its recoil.
    radiated : float
        Expected number of jets above 15 GeV that are radiated beside it.
    negative : float
        Share of events whose weight is negative, as those of next-to-leading-order generators are.
    same_charge : float
        Share of events whose leptons have equal charges: one of them is something else, or has lost its partner.
    electron : bool
        Whether the second lepton is always an electron: a converted photon.
    size : float
        Of its file, relative to others: of what has a great cross-section, or is hardly selected, more is needed.
    """

    xsec: float
    make: Make
    radiated: float = 0.7
    negative: float = 0.0
    same_charge: float = 0.0
    electron: bool = False
    size: float = 1.0


def generate(process: Process, rng: np.random.Generator, n: int) -> Truth:
    """Return n events."""
    counts, radiated = _radiated(rng, n, process.radiated)
    event = np.repeat(np.arange(n), counts)
    x, y = (np.bincount(event, radiated.pt * f(radiated.phi), n) + rng.normal(0, 6, n) for f in (np.cos, np.sin))
    first, second, missing, quarks = process.make(rng, Recoil(np.hypot(x, y), np.arctan2(-y, -x)))
    jets = _with_quarks(counts, radiated, quarks)
    charge = np.where(rng.random(n) < 0.5, 1, -1)
    other = np.where(rng.random(n) < process.same_charge, charge, -charge)
    electron_first = np.zeros(n, bool) if process.electron else rng.random(n) < 0.5
    return Truth((first, second), (charge, other), electron_first, (missing.px, missing.py), jets)


def _radiated(rng: np.random.Generator, n: int, mean: float) -> tuple[Ints, Jets]:
    counts = rng.poisson(mean, n)
    k = int(counts.sum())
    pt = 15 + 25 * rng.exponential(1, k) ** 1.3
    return counts, Jets(counts, pt, rng.normal(0, 2.0, k), rng.uniform(-np.pi, np.pi, k), np.zeros(k, bool))


def _with_quarks(counts: Ints, jets: Jets, quarks: tuple[FourVectors, ...]) -> Jets:
    """Return the jets of b quarks before those radiated, event by event."""
    if not quarks:
        return jets
    n = len(counts)
    event = np.concatenate([*(np.arange(n) for _ in quarks), np.repeat(np.arange(n), counts)])
    order = np.argsort(event, kind="stable")
    joined = [np.concatenate([*(getattr(q, c) for q in quarks), getattr(jets, c)])[order] for c in ("pt", "eta", "phi")]
    b = np.concatenate([np.ones(n * len(quarks), bool), jets.b])[order]
    return Jets(counts + len(quarks), joined[0], joined[1], joined[2], b)


# ---- decays ----


def system(rng: np.random.Generator, mass: Floats, recoil: Recoil, width: float = 1.3) -> FourVectors:
    """Return particles of some masses that move with a recoil, and along the beam."""
    still = FourVectors(mass[:, None], *(np.zeros((len(mass), 1)) for _ in range(3)))
    moved = boost(still, mass, recoil.pt, recoil.phi, rng.normal(0, width, len(mass)))
    return FourVectors(*(c[:, 0] for c in moved))


def decay(
    rng: np.random.Generator, parent: FourVectors, first: Floats | float, second: Floats | float
) -> tuple[FourVectors, FourVectors]:
    """Return the two particles, of given masses, that a particle decays to, isotropically in its rest frame."""
    mass = parent.mass
    m1, m2 = np.broadcast_to(first, mass.shape), np.broadcast_to(second, mass.shape)
    k = 0.5 * mass * kallen(mass, m1, m2)
    cos, phi = rng.uniform(-1, 1, len(mass)), rng.uniform(-np.pi, np.pi, len(mass))
    sin = np.sqrt(1 - cos**2)
    one, signs = np.stack([k * sin * np.cos(phi), k * sin * np.sin(phi), k * cos]), np.array([1.0, -1.0])
    energy = np.stack([np.hypot(k, m1), np.hypot(k, m2)], axis=1)
    rest = FourVectors(energy, *(c[:, None] * signs for c in one))
    y = np.arctanh(parent.pz / parent.e)
    moved = boost(rest, mass, parent.pt, parent.phi, y)
    return FourVectors(*(c[:, 0] for c in moved)), FourVectors(*(c[:, 1] for c in moved))


def added(*particles: FourVectors) -> FourVectors:
    """Return the sum of four-vectors."""
    return FourVectors(*(np.sum(c, axis=0) for c in zip(*particles, strict=True)))


def product(a: FourVectors, b: FourVectors) -> Floats:
    """Return the scalar product of four-vectors."""
    return a.e * b.e - a.px * b.px - a.py * b.py - a.pz * b.pz


def _pair_to_leptons(rng: np.random.Generator, first: FourVectors, second: FourVectors) -> Hard:
    (l1, v1), (l2, v2) = decay(rng, first, 0.0, 0.0), decay(rng, second, 0.0, 0.0)
    return l1, l2, added(v1, v2), ()


# ---- the processes ----


GREATEST = 1.63e-4  # of the weight in `higgs_w_masses`, where both masses are 58.65 GeV


def higgs_w_masses(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Draw the masses of H -> W W*: Breit-Wigners times sqrt(lambda) (lambda + 12 m1² m2²/mH⁴) (Djouadi, as for ZZ).

    The heavier is drawn from its Breit-Wigner, the square of the lighter uniformly, up to what is left of mH.
    """

    def highest(heavy: Floats) -> Floats:
        return np.minimum(HIGGS_MASS - heavy, heavy)

    def propose(rows: Ints) -> tuple[Floats, ...]:
        heavy = breit_wigner(rng, W, (40.0, 115.0), len(rows))
        return heavy, np.sqrt(rng.uniform(25.0, highest(heavy) ** 2))

    def weight(_: Ints, heavy: Floats, light: Floats) -> Floats:
        root = kallen(np.full_like(heavy, HIGGS_MASS), heavy, light)
        rate = root * (root**2 + 12 * (heavy * light / HIGGS_MASS**2) ** 2)
        propagator = (W_MASS * W_WIDTH) ** 2 / ((light**2 - W_MASS**2) ** 2 + (W_MASS * W_WIDTH) ** 2)
        return rate * propagator * (highest(heavy) ** 2 - 25.0) / HIGGS_MASS**2 / GREATEST

    heavy, light = rejected(rng, n, propose, weight)
    swapped = rng.random(n) < 0.5
    return np.where(swapped, light, heavy), np.where(swapped, heavy, light)


def higgs(rng: np.random.Generator, recoil: Recoil) -> Hard:
    """H -> WW* -> l nu l nu.

    For massless leptons the V-A couplings give |M|² ~ (nu · l-) (l+ · anti-nu) by Fierz's identity: the neutrino of one
    W is far from the lepton of the other, so that leptons are near each other.
    """
    n = len(recoil.pt)
    still = FourVectors(np.full(n, HIGGS_MASS), np.zeros(n), np.zeros(n), np.zeros(n))
    masses = higgs_w_masses(rng, n)

    def propose(rows: Ints) -> tuple[Floats, ...]:
        bosons = decay(rng, FourVectors(*(c[rows] for c in still)), *(m[rows] for m in masses))
        return tuple(c for boson in bosons for p in decay(rng, boson, 0.0, 0.0) for c in p)

    def weight(rows: Ints, *c: Floats) -> Floats:
        minus, anti_nu, plus, nu = (FourVectors(*c[i : i + 4]) for i in (0, 4, 8, 12))
        # the four products of one W's leptons with the other's add up to half of what is left of mH²
        greatest = ((HIGGS_MASS**2 - masses[0][rows] ** 2 - masses[1][rows] ** 2) / 4) ** 2
        return product(nu, minus) * product(plus, anti_nu) / greatest

    drawn = rejected(rng, n, propose, weight)
    moving = [FourVectors(*(c[:, None] for c in drawn[i : i + 4])) for i in (0, 4, 8, 12)]
    y, mass = rng.normal(0, 1.1, n), np.full(n, HIGGS_MASS)
    minus, anti_nu, plus, nu = (FourVectors(*(c[:, 0] for c in boost(p, mass, *recoil, y))) for p in moving)
    return minus, plus, added(anti_nu, nu), ()


def w_pair(power: float) -> Make:
    """Two W bosons, whose mass spectrum falls as m^-power."""

    def make(rng: np.random.Generator, recoil: Recoil) -> Hard:
        first, second = (breit_wigner(rng, W, (50.0, 110.0), len(recoil.pt)) for _ in range(2))
        both = system(rng, mass_above_threshold(rng, power, first, second), recoil)
        return _pair_to_leptons(rng, *decay(rng, both, first, second))

    return make


def top_pair(rng: np.random.Generator, recoil: Recoil) -> Hard:
    """Two tops, each to a W and a b quark."""
    n = len(recoil.pt)
    top = np.full(n, TOP_MASS)
    both = system(rng, mass_above_threshold(rng, 5.0, top, top), recoil, 1.0)
    (w1, b1), (w2, b2) = (
        decay(rng, t, breit_wigner(rng, W, (50.0, 110.0), n), B_MASS) for t in decay(rng, both, top, top)
    )
    return (*_pair_to_leptons(rng, w1, w2)[:3], (b1, b2))


def z_to_taus(rng: np.random.Generator, recoil: Recoil) -> Hard:
    """Z -> tau tau of high momentum, both to a lepton."""
    n = len(recoil.pt)
    pt = 25 + transverse_momentum(rng, 20.0, n)
    z = system(rng, breit_wigner(rng, Z, (50.0, 130.0), n), Recoil(np.hypot(pt, recoil.pt), recoil.phi), 1.6)
    taus = decay(rng, z, 0.0, 0.0)
    seen = [tau_lepton_fraction(rng, (n,)) for _ in taus]
    first, second = (t.scaled(x) for t, x in zip(taus, seen, strict=True))
    return first, second, added(*(t.scaled(1 - x) for t, x in zip(taus, seen, strict=True))), ()


def w_and_another(least: float, mean: float) -> Make:
    """A W, and beside it something that is taken for a lepton, or the one that is seen of two."""

    def make(rng: np.random.Generator, recoil: Recoil) -> Hard:
        n = len(recoil.pt)
        lepton, neutrino = decay(rng, system(rng, breit_wigner(rng, W, (50.0, 110.0), n), recoil, 1.6), 0.0, 0.0)
        pt, eta, phi = least + rng.exponential(mean, n), rng.normal(0, 1.4, n), rng.uniform(-np.pi, np.pi, n)
        other = FourVectors(pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta))
        return lepton, other, neutrino, ()

    return make


PROCESSES: dict[str, Process] = {
    "ggH_HWW": Process(0.245, higgs, 1.0),
    "WW": Process(2.71, w_pair(4.0), 0.55, negative=0.02),
    "Top_antitop": Process(19.4, top_pair, 0.6, negative=0.005, size=2.0),
    "DY_to_Tau_Tau": Process(6.0, z_to_taus, 0.9, size=3.0),
    "Fakes": Process(0.9, w_and_another(10.0, 9.0), 0.8, same_charge=0.45),
    "ggWW": Process(0.131, w_pair(3.2), 0.7),
    "Diboson": Process(0.30, w_and_another(10.0, 30.0), 0.7, negative=0.1, same_charge=0.5),
    "VG": Process(0.40, w_and_another(10.0, 12.0), 0.7, negative=0.15, same_charge=0.5, electron=True),
}
"""In the seed's order: the signal, then the backgrounds."""
