"""The distributions events are drawn from: masses, transverse momenta, rapidities, decay angles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hzdsl.demo.four_vectors import Bools, Floats, Ints, kallen

Z = Z_MASS, Z_WIDTH = 91.1876, 2.4952  # GeV
HIGGS = HIGGS_MASS, HIGGS_WIDTH = 125.0, 0.00407
BEAM_ENERGY = 8000.0  # centre of mass, GeV
LOWEST_DILEPTON = 4.0  # GeV, the generator cut of the real ZZ samples


def breit_wigner(
    rng: np.random.Generator, resonance: tuple[float, float], window: tuple[float, float], n: int
) -> Floats:
    """Draw `n` masses from the relativistic Breit-Wigner in m² of a (mass, width), inside a window; GeV."""
    mass, width = resonance
    first, last = (np.arctan((edge**2 - mass**2) / (mass * width)) for edge in window)
    return np.asarray(np.sqrt(mass**2 + mass * width * np.tan(rng.uniform(first, last, n))))


def log_uniform(rng: np.random.Generator, low: float, high: Floats | float, n: int) -> Floats:
    """Draw from dm/m, the spectrum of a virtual photon, between `low` and `high`."""
    return np.asarray(low * (high / low) ** rng.random(n))


def transverse_momentum(rng: np.random.Generator, median: float, n: int) -> Floats:
    """Draw from pt / (1 + (pt/median)²)²: linear at zero, a power law in the tail; cut at 500 GeV."""
    last = 500.0**2 / (500.0**2 + median**2)
    u = rng.uniform(0.0, last, n)
    return median * np.sqrt(u / (1.0 - u))


def rapidity(rng: np.random.Generator, width: float, mass: Floats) -> Floats:
    """Draw Gaussian rapidities inside the kinematic limit ln(sqrt(s)/m) of each mass."""
    y = rng.normal(0.0, width, len(mass))
    limit = np.log(BEAM_ENERGY / mass)
    return np.where(np.abs(y) < limit, y, rng.uniform(-0.5, 0.5, len(mass)) * limit)


def transverse_cosine(rng: np.random.Generator, n: int) -> Floats:
    """Draw from 1 + c², the decay of a transverse vector to two fermions (the cubic solved exactly)."""
    q = 4.0 * rng.random(n) - 2.0
    root = np.cbrt(q + np.sqrt(q**2 + 1.0))
    return np.asarray(np.clip(root - 1.0 / root, -1.0, 1.0))


def rejected(
    rng: np.random.Generator,
    n: int,
    propose: Callable[[Ints], tuple[Floats, ...]],
    weight: Callable[..., Floats],
) -> tuple[Floats, ...]:
    """Draw `n` rows by acceptance and rejection.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the acceptance numbers.
    n : int
        Rows wanted.
    propose : function
        Takes the indices of rows still open, returns one array per variable for them.
    weight : function
        Takes those indices and arrays, returns acceptance probabilities in [0, 1].

    Returns
    -------
    tuple of array of float, shape (n,)
        One array per variable.
    """
    todo: Ints = np.arange(n)
    result: tuple[Floats, ...] | None = None
    while len(todo):
        drawn = propose(todo)
        if result is None:
            result = tuple(np.empty(n) for _ in drawn)
        keep: Bools = rng.random(len(todo)) < weight(todo, *drawn)
        for whole, part in zip(result, drawn, strict=True):
            whole[todo[keep]] = part[keep]
        todo = todo[~keep]
    return result if result is not None else propose(todo)


def higgs_z_masses(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Draw the two Z masses of H -> Z*Z* -> 4l.

    Two Breit-Wigners times sqrt(lambda) (lambda + 12 m1² m2² / mH⁴): A. Djouadi, Phys. Rept. 457 (2008) 1,
    eqs. (2.16)-(2.18). Drawn from a table of 0.25 GeV cells, uniformly inside a cell.
    """
    edges = np.arange(LOWEST_DILEPTON, HIGGS_MASS - LOWEST_DILEPTON + 0.125, 0.25)
    centre = 0.5 * (edges[1:] + edges[:-1])
    m1, m2 = np.meshgrid(centre, centre, indexing="ij")
    width = kallen(np.full_like(m1, HIGGS_MASS), m1, m2) * (m1 + m2 < HIGGS_MASS)
    propagator = centre / ((centre**2 - Z_MASS**2) ** 2 + (Z_MASS * Z_WIDTH) ** 2)
    density = width * (width**2 + 12.0 * (m1 * m2 / HIGGS_MASS**2) ** 2) * np.outer(propagator, propagator)
    cumulative = np.cumsum(density)
    cell = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    row, column = np.divmod(cell, len(centre))
    first, second = edges[row] + 0.25 * rng.random(n), edges[column] + 0.25 * rng.random(n)
    too_heavy = first + second > HIGGS_MASS - 0.01
    return first, np.where(too_heavy, HIGGS_MASS - 0.01 - first, second)


def higgs_decay_angles(rng: np.random.Generator, m1: Floats, m2: Floats) -> tuple[Floats, Floats, Floats]:
    """Draw (cos theta1, cos theta2, Phi) of H -> ZZ* -> 4l from its helicity amplitudes.

    A(++) = A(--) = 1, A(00) = -(mH² - m1² - m2²) / (2 m1 m2): S. Bolognesi et al., PRD 86 (2012) 095031.
    The small vector-axial interference of the lepton couplings (R = 0.15) is left out.
    """
    ratio = (HIGGS_MASS**2 - m1**2 - m2**2) / (2.0 * m1 * m2)

    def propose(rows: Ints) -> tuple[Floats, ...]:
        k = len(rows)
        return rng.uniform(-1.0, 1.0, k), rng.uniform(-1.0, 1.0, k), rng.uniform(-np.pi, np.pi, k)

    def weight(rows: Ints, c1: Floats, c2: Floats, phi: Floats) -> Floats:
        a = ratio[rows]
        s1, s2 = np.sqrt(1.0 - c1**2), np.sqrt(1.0 - c2**2)
        transverse = 2.0 * (1.0 + c1**2) * (1.0 + c2**2) + 2.0 * (s1 * s2) ** 2 * np.cos(2.0 * phi)
        rate = (2.0 * a * s1 * s2) ** 2 - 8.0 * a * c1 * s1 * c2 * s2 * np.cos(phi) + transverse
        return rate / (4.0 * a**2 + 2.0 * a + 10.0)

    cos1, cos2, phi = rejected(rng, len(m1), propose, weight)
    return cos1, cos2, phi


def mass_above_threshold(rng: np.random.Generator, power: float, m1: Floats, m2: Floats) -> Floats:
    """Draw the mass of a pair (m1, m2): two-body phase space times M^-power, above m1 + m2."""

    def propose(rows: Ints) -> tuple[Floats, ...]:
        return ((m1 + m2)[rows] * rng.random(len(rows)) ** (-1.0 / (power - 1.0)),)

    def weight(rows: Ints, total: Floats) -> Floats:
        return kallen(total, m1[rows], m2[rows]) * (total < 0.25 * BEAM_ENERGY)

    return rejected(rng, len(m1), propose, weight)[0]


_TAU_GRID = np.linspace(0.0, 1.0, 2001)
_TAU_CUMULATIVE = (5.0 * _TAU_GRID - 3.0 * _TAU_GRID**3 + _TAU_GRID**4) / 3.0


def tau_lepton_fraction(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw the energy fraction of the lepton in tau -> l nu nu: (5 - 9x² + 4x³)/3, collinear."""
    return np.interp(rng.random(shape), _TAU_CUMULATIVE, _TAU_GRID)
