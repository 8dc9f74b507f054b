"""The density of B0s -> mu mu candidates: a Crystal Ball on an exponential, and what systematic uncertainties change.

Parameters are those of the seed 003_2bff271d429214f6, with its bounds: nsig and nbkg (sums of weights within 4900-5800
MeV), mean and sigma of the peak, its tail alpha and n, which stay, and the slope of the background.

Systematic uncertainties that are correlated are made of independent ones: with their correlations C = L Lᵀ (Cholesky;
L is triangular) the nuisance parameters are theta = L z, each z being measured as 0 ± 1 by itself. Then theta has the
covariance L Lᵀ = C, whatever the fit is made with. The z have the names of the theta that they come in with: only those
that are correlated with one before it in the table differ from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import hzdsl as hz
from analyses.bsmm.generate import HIGH, LOW
from analyses.bsmm.systematics import Systematics
from hzdsl import MeV
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Matrix, Rows
from hzdsl.stats.parameters import Vector

CHANNEL, MASS = "selected", "B_mass"
#: Of the peak, as simulation has them.
PEAK = {"mean": 5366.9, "sigma": 25.0, "alpha": 1.0, "n": 3.0}


def model(known: Systematics) -> UnbinnedModel:
    """Return the extended model of the one channel."""
    x = hz.observable(MASS, LOW * MeV, HIGH * MeV, doc="mass of both muons")
    changed = _changes(known)
    nsig = hz.parameter("nsig", 100.0, bounds=(0, None), interest=True, doc="signal within the range")
    nbkg = hz.parameter("nbkg", 900.0, bounds=(0, None), doc="background within the range")
    mean = hz.parameter("mean", PEAK["mean"] * MeV, bounds=(5300 * MeV, 5450 * MeV), doc="of the peak")
    sigma = hz.parameter("sigma", PEAK["sigma"] * MeV, bounds=(10 * MeV, 100 * MeV), doc="width of the peak")
    alpha = hz.parameter("alpha", PEAK["alpha"], bounds=(0.5, 5), fixed=True, doc="where its tail begins, in sigma")
    n = hz.parameter("n", PEAK["n"], bounds=(1, 10), fixed=True, doc="power of its tail")
    slope = hz.parameter("slope", 0.0025 / MeV, bounds=(0.0005 / MeV, 0.1 / MeV), doc="of the background")
    peak = hz.pdf.crystal_ball(x, mean * changed["mean"], sigma * changed["sigma"], alpha, n)
    processes = {
        "signal": (nsig * changed["signal"], peak),
        "background": (nbkg * changed["background"], hz.pdf.exponential(x, -slope)),
    }
    return UnbinnedModel((UnbinnedChannel(CHANNEL, hz.pdf.extended(processes)),))


def rotation(known: Systematics) -> Matrix:
    """Return L of theta = L z, the Cholesky factor of the correlations."""
    return np.asarray(np.linalg.cholesky(known.correlation))


def _changes(known: Systematics) -> dict[str, Any]:
    """Return the factors 1 + Σ effect theta of what is changed."""
    independent = [
        hz.parameter(s.name, 0.0, bounds=(-5, 5), constraint=hz.normal(0, 1), groups=(s.group,), doc=s.doc)
        for s in known.items
    ]
    factors: dict[str, Any] = {"signal": 1.0, "background": 1.0, "mean": 1.0, "sigma": 1.0}
    for s, row in zip(known.items, rotation(known), strict=True):
        theta = sum(float(share) * z for share, z in zip(row, independent, strict=True) if share)
        for what, size in s.effect.items():
            factors[what] = factors[what] + size * theta
    return factors


def rows(mass: Vector, weight: Vector) -> Rows:
    """Return candidates as the model has them; masses in MeV."""
    return Rows({MASS: mass}, weight)


def of_theta(known: Systematics, result: FitResult) -> tuple[Vector, Vector]:
    """Return the nuisance parameters theta = L z after a fit, and their errors, in the order of the table."""
    assert result.covariance is not None
    places = [result.parameters.index(name) for name in known.names]
    turn = rotation(known)
    covariance = turn @ result.covariance[np.ix_(places, places)] @ turn.T
    return turn @ result.values[places], np.sqrt(np.diag(covariance))
