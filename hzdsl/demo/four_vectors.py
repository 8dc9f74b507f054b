"""Whole arrays of four-vectors: two-body decays, rotations, boosts, and back to (pt, eta, phi)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class FourVectors(NamedTuple):
    """Energies and momenta in GeV, one array per component, all of one shape."""

    e: Floats
    px: Floats
    py: Floats
    pz: Floats

    @property
    def pt(self) -> Floats:
        """Transverse momenta in GeV."""
        return np.hypot(self.px, self.py)

    @property
    def eta(self) -> Floats:
        """Pseudorapidities."""
        return np.arcsinh(self.pz / np.maximum(self.pt, 1e-9))

    @property
    def phi(self) -> Floats:
        """Azimuths in radians, in [-pi, pi]."""
        return np.arctan2(self.py, self.px)

    @property
    def mass(self) -> Floats:
        """Invariant masses in GeV; zero where rounding makes the square negative."""
        square = self.e**2 - self.px**2 - self.py**2 - self.pz**2
        return np.sqrt(np.maximum(square, 0.0))

    def scaled(self, factor: Floats) -> FourVectors:
        """Return the vectors times `factor`, component by component."""
        return FourVectors(self.e * factor, self.px * factor, self.py * factor, self.pz * factor)


class DecayAngles(NamedTuple):
    """The five angles of X -> Z1 Z2 -> 4 leptons, and one azimuth of the whole.

    `cos_star`, `phi_star`: direction of Z1 in the rest frame of X. `cos1`, `cos2`: of the negative lepton in
    the rest frame of its Z, measured from the flight of that Z. `phi1`, `phi2`: azimuths of the decay planes.
    """

    cos_star: Floats
    phi_star: Floats
    cos1: Floats
    phi1: Floats
    cos2: Floats
    phi2: Floats


def kallen(total: Floats, first: Floats, second: Floats) -> Floats:
    """Return sqrt(lambda(M², m1², m2²)) / M², which is 1 for massless daughters and 0 at threshold.

    Examples
    --------
    >>> print(kallen(np.array([10.0]), np.array([0.0]), np.array([5.0])))
    [0.75]
    """
    high = 1.0 - ((first + second) / total) ** 2
    low = 1.0 - ((first - second) / total) ** 2
    return np.sqrt(np.maximum(high * low, 0.0))


def four_leptons(
    masses: tuple[Floats, Floats, Floats], angles: DecayAngles, lepton_masses: tuple[Floats, Floats]
) -> FourVectors:
    """Build X -> Z1 Z2 -> 4 leptons in the rest frame of X.

    Parameters
    ----------
    masses : three arrays of float, shape (n,)
        Of X, Z1 and Z2 in GeV.
    angles : DecayAngles
        The decay's angles, each of shape (n,).
    lepton_masses : two arrays of float, shape (n,)
        Of the leptons of Z1 and of Z2 in GeV.

    Returns
    -------
    FourVectors
        Components of shape (n, 4): Z1's negative and positive lepton, Z2's negative and positive one.
    """
    total, first, second = masses
    momentum = 0.5 * total * kallen(total, first, second)
    sides = (
        _dilepton(first, lepton_masses[0], momentum, (angles.cos1, angles.phi1), +1.0),
        _dilepton(second, lepton_masses[1], momentum, (angles.cos2, angles.phi2), -1.0),
    )
    stacked = FourVectors(*(np.stack([s[i] for pair in sides for s in pair], axis=1) for i in range(4)))
    return _rotate(stacked, angles.cos_star[:, None], angles.phi_star[:, None])


def _dilepton(
    mass: Floats, lepton: Floats, momentum: Floats, angles: tuple[Floats, Floats], direction: float
) -> tuple[FourVectors, FourVectors]:
    """Decay particles flying along `direction` × z; return the negative and the positive leptons."""
    cos, phi = angles
    k = np.sqrt(np.maximum(0.25 * mass**2 - lepton**2, 0.0))
    energy = np.sqrt(momentum**2 + mass**2)
    sin = np.sqrt(1.0 - cos**2)
    px, py, along = k * sin * np.cos(phi), k * sin * np.sin(phi), k * cos
    result = []
    for sign in (1.0, -1.0):
        e = (energy * 0.5 * mass + momentum * sign * along) / mass
        pz = (momentum * 0.5 * mass + energy * sign * along) / mass
        result.append(FourVectors(e, sign * px, sign * py, direction * pz))
    return result[0], result[1]


def _rotate(p: FourVectors, cos: Floats, phi: Floats) -> FourVectors:
    """Turn the z axis into the direction (cos, phi)."""
    sin = np.sqrt(1.0 - cos**2)
    px, pz = cos * p.px + sin * p.pz, cos * p.pz - sin * p.px
    return FourVectors(p.e, np.cos(phi) * px - np.sin(phi) * p.py, np.sin(phi) * px + np.cos(phi) * p.py, pz)


def boost(p: FourVectors, mass: Floats, pt: Floats, phi: Floats, rapidity: Floats) -> FourVectors:
    """Take vectors from the rest frame of a system of (mass, pt, phi, rapidity) to the laboratory.

    Parameters
    ----------
    p : FourVectors
        Components of shape (n, k).
    mass, pt, phi, rapidity : array of float, shape (n,)
        The moving system: GeV, GeV, radians, and rapidity along the beam.

    Returns
    -------
    FourVectors
        Components of shape (n, k).
    """
    ux, uy = (pt * np.cos(phi) / mass)[:, None], (pt * np.sin(phi) / mass)[:, None]
    gamma = np.sqrt(1.0 + ux**2 + uy**2)
    along = ux * p.px + uy * p.py
    shift = p.e + along / (1.0 + gamma)
    e, px, py = gamma * p.e + along, p.px + ux * shift, p.py + uy * shift
    cosh, sinh = np.cosh(rapidity)[:, None], np.sinh(rapidity)[:, None]
    return FourVectors(cosh * e + sinh * p.pz, px, py, cosh * p.pz + sinh * e)
