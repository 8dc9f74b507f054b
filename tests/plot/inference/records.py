"""Results of every kind, made by hand."""

from __future__ import annotations

import numpy as np

from hzdsl.ir.units import GEV
from hzdsl.plot.inference import Subject
from hzdsl.plot.model import Header
from hzdsl.results.result import AxisResult
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.fits.result import Calls, FitResult
from hzdsl.stats.fits.yields import Yield, Yields
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.methods.asymptotic import HypothesisTest, Limits
from hzdsl.stats.methods.bias import Pulls, Spurious, SpuriousSignal
from hzdsl.stats.methods.breakdown import Breakdown
from hzdsl.stats.methods.compatibility import Compatibility
from hzdsl.stats.methods.coverage import Coverage, Covered
from hzdsl.stats.methods.diagnostics import Diagnostics
from hzdsl.stats.methods.envelope import Envelope
from hzdsl.stats.methods.feldman_cousins import Region
from hzdsl.stats.methods.goodness import Goodness
from hzdsl.stats.methods.impacts import Impact, Impacts
from hzdsl.stats.methods.look_elsewhere import LocalScan, Scans
from hzdsl.stats.methods.nuisances import correlations, nuisance_of, nuisance_table
from hzdsl.stats.methods.probabilities import ToyPValue, p_from_toys
from hzdsl.stats.methods.repeated import Repeated
from hzdsl.stats.methods.scans import Contour, Scan
from hzdsl.stats.methods.significance import Significance, ToySignificance
from hzdsl.stats.methods.toy_limits import ToyLimit, ToyLimits
from hzdsl.stats.methods.toy_tests import ToyTest
from hzdsl.stats.parameters import Normal, Parameter, Parameters

HEADER = Header("CMS Open Data", "13 TeV", 36000.0)
EDGES = np.linspace(0.0, 300.0, 16)
MIDDLES = 0.5 * (EDGES[1:] + EDGES[:-1])


def parameters(count: int) -> Parameters:
    """A signal strength, a mean in GeV, and nuisance parameters of long and short names."""
    nuisances = [
        Parameter(f"CMS_scale_of_something_rather_long_{k}_13TeV" if k % 3 else f"lumi_{k}", constraint=Normal())
        for k in range(count)
    ]
    strength = Parameter("r", 1.0, 0.0, 20.0, interest=True, doc="signal strength")
    return Parameters([strength, Parameter("mean", 125.0, unit=GEV, doc="mean of the peak"), *nuisances])


def fit(count: int = 5, free_signal: bool = True) -> FitResult:
    """A fit of so many nuisance parameters, its covariance of random correlations."""
    known, rng = parameters(count), np.random.default_rng(count)
    n = len(known)
    factor = np.eye(n) + 0.15 * rng.normal(size=(n, n))
    covariance = factor @ factor.T
    sigma = np.append([0.3, 0.2], rng.uniform(0.3, 1.0, n - 2)) / np.sqrt(np.diag(covariance))
    covariance = sigma[:, None] * covariance * sigma
    free = np.ones(n, bool)
    free[0] = free_signal
    covariance[~free], covariance[:, ~free] = 0.0, 0.0
    values = np.concatenate([[1.2 if free_signal else 0.0, 125.3], rng.normal(0, 0.7, n - 2)])
    errors = np.sqrt(np.diag(covariance))
    return FitResult(known, values, errors, covariance, 12.5, 1e-9, Calls(), True, free, known.centers)


def subject(count: int = 5) -> Subject:
    """What plots know of the model of `yields`."""
    axis = AxisResult("sr", "GeV", "mass [GeV]", EDGES, regular=True)
    rng = np.random.default_rng(4)
    counts = rng.poisson(contents("background") + contents("signal")).astype(float)
    known = parameters(count)
    return Subject(known, Observation({"sr": counts}, known.centers), {"sr": axis}, frozenset({"signal"}), {}, HEADER)


def contents(process: str) -> np.ndarray:
    if process == "signal":
        return 30 * np.exp(-(((MIDDLES - 125) / 20) ** 2))
    return 80 * np.exp(-MIDDLES / 100)


def yields(title: str = "after the fit") -> Yields:
    """One channel of signal and background."""

    def one(values: np.ndarray, error: float) -> Yield:
        return Yield(values, error * values, float(values.sum()), error * float(values.sum()))

    signal, background = contents("signal"), contents("background")
    return Yields(title, {"sr": {"signal": one(signal, 0.2), "bkg": one(background, 0.1),
                                 "total": one(signal + background, 0.05)}})  # fmt: skip


def impacts(count: int = 5) -> Impacts:
    """Impacts that fall with their rank, one of an interval without an upper end."""
    result = fit(count)
    names = result.parameters.names[2:]
    each = tuple(
        Impact(nuisance_of(result, 2 + k), {"r": -0.1 / (1 + k)}, {"r": 0.12 / (1 + k)}, {"r": 0.11 / (1 + k)},
               "crossed", "failed" if k == 1 else "crossed")
        for k in range(len(names))
    )  # fmt: skip
    groups = {"theory": {"r": (0.1, 0.2)}, "experiment": {"r": (0.05, 0.06)}}
    return Impacts(("r",), {"r": 1.2}, each, groups, (names[1],), "valid")


def scan(width: float = 1.0) -> Scan:
    x = np.linspace(0.0, 3.0, 31)
    delta = 0.5 * ((x - 1.2) / (0.4 * width)) ** 2
    delta[3] = np.nan
    ends = tuple(Interval("r", 1.2, 1.2 - n * 0.4 * width, 1.2 + n * 0.4 * width) for n in (1.0, 1.96))
    return Scan(("r",), (x,), delta, (1.2,), 1, ends, np.zeros((31, 1)))


def plane() -> Scan:
    x, y = np.linspace(0.0, 3.0, 13), np.linspace(124.0, 126.0, 11)
    delta = 0.5 * (((x[:, None] - 1.2) / 0.4) ** 2 + ((y - 125.2) / 0.3) ** 2)
    return Scan(("r", "mean"), (x, y), delta, (1.2, 125.2), 0, (), np.zeros((13, 11, 2)))


def contour(level: float = 1.1479) -> Contour:
    angle = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    points = np.column_stack([1.2 + 0.4 * np.sqrt(2 * level) * np.cos(angle), 125.2 + 0.3 * np.sin(angle)])
    return Contour(("r", "mean"), level, (1.2, 125.2), points, 0)


def limits(scale: float = 1.0) -> Limits:
    return Limits("r", 0.95, 1.3 * scale, (0.5 * scale, 0.7 * scale, scale, 1.4 * scale, 2.0 * scale))


def hypotheses(count: int = 8) -> list[HypothesisTest]:
    return [
        HypothesisTest("r", float(mu), mu, mu, float(np.exp(-1.2 * mu)), 0.1, 0.5,
                       tuple(float(np.exp(-a * mu)) for a in (3.0, 2.2, 1.5, 1.0, 0.6)))
        for mu in np.linspace(0.1, 3.0, count)
    ]  # fmt: skip


def toy_limits() -> ToyLimits:
    rng = np.random.default_rng(5)
    points = tuple(ToyTest(m, 2.0 * m, rng.chisquare(1, 200), m * rng.chisquare(2, 200), 0) for m in (0.5, 1.0, 2.0))
    return ToyLimits("r", 0.95, ToyLimit(1.4, 0.1), tuple(ToyLimit(v, 0.1) for v in (0.5, 0.7, 1.0, 1.4, 2.0)), points)


def significance() -> Significance:
    return Significance("r", 1.2, 9.0, 3.0, 0.00135, True, "valid")


def toy_significance() -> ToySignificance:
    q0 = np.where(np.arange(400) % 2, np.random.default_rng(1).chisquare(1, 400), 0.0)
    return ToySignificance("r", significance(), p_from_toys(9.0, q0), q0)


def goodness() -> Goodness:
    values = {c: np.random.default_rng(k).chisquare(15, 200) for k, c in enumerate(("sr", "cr"))}
    observed = {"sr": 18.0, "cr": 9.0}
    p = {c: p_from_toys(observed[c], v) for c, v in values.items()}
    return Goodness("saturated", observed, p, values, {})


def region(dimensions: int = 1) -> Region:
    x = np.linspace(0.0, 4.0, 9)
    if dimensions == 1:
        p = {(float(v),): ToyPValue(1.0, int(300 * np.exp(-((v - 1.2) ** 2))), 300) for v in x}
        return Region(("r",), (x,), 0.9, (1.2,), p)
    p = {(float(a), float(b)): ToyPValue(1.0, int(300 * np.exp(-((a - 2) ** 2) - (b - 2) ** 2)), 300)
         for a in x for b in x}  # fmt: skip
    return Region(("r", "mean"), (x, x), 0.9, (2.0, 2.0), p)


def compatibility(count: int = 4) -> Compatibility:
    found = {f"channel_{k}": Interval("r", 1 + 0.1 * k, 0.5, 1.8 + 0.1 * k) for k in range(count)}
    found["channel_1"] = Interval("r", 0.3, 0.0, 1.1, "bound")
    return Compatibility("r", Interval("r", 1.1, 0.8, 1.5), found, 3.2, count - 1, 0.36, None, "valid")


def local_scan() -> LocalScan:
    x = np.linspace(110.0, 160.0, 51)
    q0 = 0.5 + 0.4 * np.sin(x) + 12 * np.exp(-(((x - 125) / 2) ** 2))
    return LocalScan("mean", x, q0, 0)


def every(count: int = 5) -> dict[str, object]:
    """A record of each kind, with so many nuisance parameters."""
    result, rng = fit(count), np.random.default_rng(3)
    x = np.linspace(0.0, 2.0, 21)
    curves = {"exponential": 2 * (x - 1) ** 2, "power law": 1.5 * (x - 0.8) ** 2 + 0.1}
    sources = {"theory": (0.1, 0.2), "others": (0.2, 0.2), "statistical": (0.3, 0.3)}
    spurious = {f"{m} GeV": Spurious(0.05 * np.sin(m), 0.4) for m in range(120, 130, 2)}
    return {
        "fit": result,
        "diagnostics": Diagnostics("r", fit(count, False), result, yields("before the fit"), None, yields()),
        "yields": yields(),
        "nuisances": nuisance_table(result),
        "correlations": correlations(result),
        "impacts": impacts(count),
        "scan": scan(),
        "plane": plane(),
        "contour": contour(),
        "envelope": Envelope("r", x, curves, "exponential", Interval("r", 1.0, 0.5, 1.5), {}),
        "limits": limits(),
        "toy limits": toy_limits(),
        "test": hypotheses(1)[0],
        "toy test": toy_limits().points[1],
        "breakdown": Breakdown("r", 1.2, (0.4, 0.45), {k: sources[k] for k in ("theory", "others")}, sources, ()),
        "significance": significance(),
        "toy significance": toy_significance(),
        "goodness": goodness(),
        "region": region(),
        "region of two": region(2),
        "compatibility": compatibility(),
        "pulls of toys": Pulls("r", 1.0, rng.normal(1.0, 0.2, 300), np.full(300, 0.2), {}),
        "coverage": Coverage("m", 1, tuple(Covered(n, 1.0, 500, 340, 0.02, 1.01) for n in ("r", "mean")), {}),
        "spurious": SpuriousSignal("r", spurious, {}),
        "local scan": local_scan(),
        "scans of toys": Scans("mean", np.arange(20.0), rng.chisquare(1, (100, 20)), {}),
        "repeated": Repeated("fit", 1, {"r": rng.normal(1.0, 0.2, 300)}, {}),
        "p-value": ToyPValue(4.2, 12, 999, 1),
    }
