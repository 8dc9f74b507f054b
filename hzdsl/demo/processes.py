"""What happens in the collision: true leptons of H -> ZZ* -> 4l, ZZ -> 4l and Z -> ll.

Rates, spectra and efficiencies are chosen so that a df103 selection finds about what it finds in the CMS 2012
Open Data. This stands in for simulation; it is none.
"""

from __future__ import annotations

import numpy as np

from hzdsl.demo import spectra
from hzdsl.demo.four_vectors import Bools, DecayAngles, Floats, FourVectors, Ints, boost, four_leptons, kallen
from hzdsl.records import dataclass

ABSENT, ELECTRON, MUON, TAU = 0, 11, 13, 15
LEPTON_MASS = {ABSENT: 0.0, ELECTRON: 0.000511, MUON: 0.10566, TAU: 1.77686}

# Branching fractions of H(125) to four leptons of one kind, and of two kinds (LHC Higgs WG, CERN-2013-004).
SAME_KIND, TWO_KINDS = 3.27e-5, 5.93e-5
# Shares of ZZ, Z gamma*, Z -> 4l and gamma* gamma* in qq -> 4l with all dilepton masses above 4 GeV.
ZZ_SHARES = {"zz": 0.082, "z_photon": 0.055, "z_to_4l": 0.145, "two_photons": 0.718}


@dataclass(frozen=True)
class Truth:
    """True leptons of n events, k to the event, and what leaves unseen.

    Attributes
    ----------
    flavour : array of int, shape (n, k)
        11, 13, or 0 where there is no lepton to see.
    charge : array of int, shape (n, k)
        -1 or +1.
    momentum : FourVectors
        Components of shape (n, k) in GeV.
    missing : FourVectors
        Components of shape (n,): the sum of the neutrinos.
    """

    flavour: Ints
    charge: Ints
    momentum: FourVectors
    missing: FourVectors


def higgs_to_4l(rng: np.random.Generator, n: int) -> Truth:
    """Generate `n` events H -> ZZ* -> 4l with l = e, mu, tau; taus decay."""
    total = spectra.breit_wigner(rng, spectra.HIGGS, (124.0, 126.0), n)
    first, second = spectra.higgs_z_masses(rng, n)
    cos1, cos2, phi = spectra.higgs_decay_angles(rng, first, second)
    turn = _azimuth(rng, n)
    angles = DecayAngles(rng.uniform(-1.0, 1.0, n), _azimuth(rng, n), cos1, turn, cos2, phi - turn)
    kinds = np.array([(a, b) for a in (ELECTRON, MUON, TAU) for b in (ELECTRON, MUON, TAU)])
    share = np.array([SAME_KIND if a == b else TWO_KINDS / 2.0 for a, b in kinds])
    pairs = kinds[rng.choice(len(kinds), size=n, p=share / share.sum())]
    leptons = _decay((total, first, second), angles, pairs)
    pt, y = spectra.transverse_momentum(rng, 25.5, n), spectra.rapidity(rng, 1.1, total)
    return _taus_decayed(rng, pairs.repeat(2, axis=1), boost(leptons, total, pt, _azimuth(rng, n), y))


def zz_to_4l(rng: np.random.Generator, n: int, flavours: tuple[int, int]) -> Truth:
    """Generate `n` events qq -> 4l: ZZ, Z with a virtual photon, and the Z peak of four leptons."""
    which = rng.choice(len(ZZ_SHARES), size=n, p=list(ZZ_SHARES.values()))
    makers = (_zz_masses, _z_photon_masses, _z_to_4l_masses, _two_photons_masses)
    masses = np.empty((3, n))
    for i, make in enumerate(makers):
        masses[:, which == i] = make(rng, int(np.sum(which == i)))
    total, first, second = masses
    reach = np.where(which == 2, 1.0, 1.8)
    direction = np.tanh(reach * rng.uniform(-1.0, 1.0, n))
    cos1, cos2 = spectra.transverse_cosine(rng, n), spectra.transverse_cosine(rng, n)
    angles = DecayAngles(direction, _azimuth(rng, n), cos1, _azimuth(rng, n), cos2, _azimuth(rng, n))
    pairs = np.where(rng.random((n, 1)) < 0.5, flavours, flavours[::-1])
    pt, y = spectra.transverse_momentum(rng, 13.0, n), spectra.rapidity(rng, 1.5, total)
    leptons = boost(_decay((total, first, second), angles, pairs), total, pt, _azimuth(rng, n), y)
    return _truth(pairs.repeat(2, axis=1), leptons)


def z_to_2l(rng: np.random.Generator, n: int) -> Truth:
    """Generate `n` events Z -> ee or mumu, half and half; the detector adds the fake leptons."""
    mass = spectra.breit_wigner(rng, spectra.Z, (40.0, 160.0), n)
    kind = np.where(rng.random(n) < 0.5, ELECTRON, MUON)
    around = _azimuth(rng, n)
    half, cos = 0.5 * mass, spectra.transverse_cosine(rng, n)
    sin = np.sqrt(1.0 - cos**2)
    signs = np.array([1.0, -1.0])
    direction = (sin * np.cos(around), sin * np.sin(around), cos)
    leptons = FourVectors(np.repeat(half[:, None], 2, axis=1), *((half * d)[:, None] * signs for d in direction))
    pt, y = spectra.transverse_momentum(rng, 7.5, n), spectra.rapidity(rng, 1.9, mass)
    return _truth(np.repeat(kind[:, None], 2, axis=1), boost(leptons, mass, pt, _azimuth(rng, n), y))


def _zz_masses(rng: np.random.Generator, n: int) -> Floats:
    """Masses (4l, Z1, Z2) of two real Z."""
    z = [spectra.breit_wigner(rng, spectra.Z, (60.0, 120.0), n) for _ in range(2)]
    return np.stack([spectra.mass_above_threshold(rng, 3.6, z[0], z[1]), *z])


def _z_photon_masses(rng: np.random.Generator, n: int) -> Floats:
    """Masses (4l, Z, gamma*) of a real Z and a virtual photon."""
    z = spectra.breit_wigner(rng, spectra.Z, (20.0, 120.0), n)
    photon = spectra.log_uniform(rng, spectra.LOWEST_DILEPTON, 80.0, n)
    return np.stack([spectra.mass_above_threshold(rng, 7.0, z, photon), z, photon])


def _two_photons_masses(rng: np.random.Generator, n: int) -> Floats:
    """Masses (4l, gamma*, gamma*) of two virtual photons: most of the rate, hardly any of it selected."""
    photons = [spectra.log_uniform(rng, spectra.LOWEST_DILEPTON, 20.0, n) for _ in range(2)]
    return np.stack([spectra.mass_above_threshold(rng, 4.5, photons[0], photons[1]), *photons])


def _z_to_4l_masses(rng: np.random.Generator, n: int) -> Floats:
    """Masses (4l, lepton pair, gamma*) of Z -> l l gamma*(-> l l)."""
    total = spectra.breit_wigner(rng, spectra.Z, (60.0, 120.0), n)
    low = spectra.LOWEST_DILEPTON

    def propose(rows: Ints) -> tuple[Floats, ...]:
        soft = spectra.log_uniform(rng, low, 0.5 * total[rows], len(rows))
        return soft, soft + (total[rows] - 2.0 * soft) * np.sqrt(rng.random(len(rows)))

    def weight(rows: Ints, soft: Floats, hard: Floats) -> Floats:
        return kallen(total[rows], hard, soft) * (1.0 - 2.0 * soft / total[rows])

    soft, hard = spectra.rejected(rng, n, propose, weight)
    return np.stack([total, hard, soft])


def _azimuth(rng: np.random.Generator, n: int) -> Floats:
    return rng.uniform(-np.pi, np.pi, n)


def _decay(masses: tuple[Floats, Floats, Floats], angles: DecayAngles, pairs: Ints) -> FourVectors:
    known = np.zeros(TAU + 1)
    known[list(LEPTON_MASS)] = list(LEPTON_MASS.values())
    return four_leptons(masses, angles, (known[pairs[:, 0]], known[pairs[:, 1]]))


def _truth(flavour: Ints, leptons: FourVectors) -> Truth:
    """Leptons in pairs of (negative, positive), nothing missing."""
    charge = np.tile(np.array([-1, 1]), (len(flavour), flavour.shape[1] // 2))
    nothing = np.zeros(len(flavour))
    return Truth(flavour, charge, leptons, FourVectors(nothing, nothing, nothing, nothing))


def _taus_decayed(rng: np.random.Generator, flavour: Ints, leptons: FourVectors) -> Truth:
    """Replace taus by their electron (17.8 %) or muon (17.4 %), or by nothing that is reconstructed here."""
    u = rng.random(flavour.shape)
    tau: Bools = flavour == TAU
    decayed = np.where(u < 0.178, ELECTRON, np.where(u < 0.352, MUON, ABSENT))
    fraction = np.where(tau, spectra.tau_lepton_fraction(rng, flavour.shape), 1.0)
    unseen = leptons.scaled(np.where(tau, 1.0 - fraction, 0.0))
    missing = FourVectors(*(component.sum(axis=1) for component in unseen))
    seen = _truth(np.where(tau, decayed, flavour), leptons.scaled(fraction))
    return Truth(seen.flavour, seen.charge, seen.momentum, missing)
