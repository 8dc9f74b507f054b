"""Calls of everything public in statistics that are right, and what is wrong in any of their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import hzdsl as hz
from hzdsl import GeV
from hzdsl.results.result import AxisResult
from hzdsl.stats.harvest.channel import Bins, FilledChannel, FilledProcess
from hzdsl.stats.likelihood import Likelihood, Rows
from hzdsl.stats.methods.compatibility import Separated

M = hz.observable("m", 105 * GeV, 160 * GeV)
X, V = hz.observable("x", 0, 10), hz.observable("v", 1, 10)
PEAK, FLAT = hz.pdf.gaussian(X, 4, 1), hz.pdf.uniform(X)
N = hz.parameter("n", 50.0, bounds=(0, 500), interest=True)
BOTH = hz.pdf.extended(s=(N, hz.pdf.gaussian(M, 125 * GeV, 2 * GeV)), b=(20.0, hz.pdf.uniform(M)))
CHANNEL = hz.stats.UnbinnedChannel("mumu", BOTH)
UNBINNED = hz.stats.UnbinnedModel([CHANNEL])
ROWS = {"mumu": Rows({"m": np.linspace(120, 130, 20)})}
SIGNAL = hz.stats.Process("s", [1.0, 4.0], factors=(hz.stats.Factor("r"),), signal=True)
BACKGROUND = hz.stats.Process("b", [30.0, 20.0], norms=(hz.stats.Norm("lumi", 1.05, 0.95),))
PARAMETERS = hz.stats.Parameters(
    [
        hz.stats.Parameter("r", 1.0, 0.0, 20.0, interest=True),
        hz.stats.Parameter("lumi", constraint=hz.stats.Normal()),
    ]
)
BINS = hz.stats.Channel("sr", (SIGNAL, BACKGROUND), counts=[31.0, 25.0])
TEMPLATES = hz.stats.TemplateModel((BINS,), PARAMETERS)
ERRORS = np.array([0.1, 0.1])
FILLED = FilledChannel(
    "sr",
    AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), True),
    (FilledProcess("s", True, Bins(np.array([1.0, 2.0]), ERRORS), {}),
     FilledProcess("b", False, Bins(np.array([10.0, 20.0]), ERRORS), {})),
    data=Bins(np.array([11.0, 22.0]), np.array([11.0, 22.0])),
)  # fmt: skip


@cache
def binned() -> Likelihood:
    return hz.stats.TemplateLikelihood(TEMPLATES)


@cache
def fitted() -> hz.stats.FitResult:
    return hz.stats.fit(binned())


@cache
def without_covariance() -> hz.stats.FitResult:
    return hz.stats.fit(binned(), covariance=False)


#: Things that hardly any argument is, by what they are.
WRONG: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "negative": lambda: -1,
    "fraction": lambda: 1.5,
    "NaN": lambda: float("nan"),
    "text": lambda: "rr",
    "no text": lambda: "",
    "list": lambda: [1, 2],
    "texts": lambda: ["zz"],
    "number by name": lambda: {"zz": 1.0},
    "text by name": lambda: {"r": "a"},
    "list by name": lambda: {"r": [2, 1]},
    "array": lambda: np.array([1.0, 2.0, 3.0]),
    "matrix": lambda: np.ones((2, 3)),
    "nothing": lambda: [],
    "object": object,
    "class": lambda: hz.stats.FitResult,
    "function": lambda: lambda *_: None,
    "model": lambda: UNBINNED,
    "likelihood": binned,
    "fit": without_covariance,
    "value": lambda: N,
    "quantity": lambda: float("inf") * GeV,
    "reversed": lambda: (5, 1),
}

#: Right arguments of the functions of `hz.stats`, by name; (function, argument) where one is special.
RIGHT: dict[str | tuple[str, str], Callable[[], Any]] = {
    "likelihood": binned,
    "truth": binned,
    "other": binned,
    "at": lambda: PARAMETERS.values,
    "poi": lambda: "r",
    "result": fitted,
    "names": lambda: ("r",),
    "grid": lambda: {"r": [1.0, 2.0]},
    "mu": lambda: 1.0,
    "parameter": lambda: "lumi",
    "found": lambda: hz.stats.local_scan(binned(), "lumi", [-1.0, 0.0, 1.0]),
    "separate": lambda: lambda observation: Separated(binned().given(observation), {"sr": "r"}),
    "models": lambda: {"a": binned()},
    "fitted": lambda: {"a": binned()},
    "maps": lambda: ["x:r[1,0,2]"],
    "channels": lambda: FILLED,
    "seed": lambda: 1,
    "card": lambda: "card.txt",
    "how": lambda: hz.stats.How(2),
    "key": lambda: "sr/m",
    "region": lambda: "sr",
    "channel": lambda: CHANNEL,
    ("contour", "names"): lambda: ("r", "lumi"),
    ("envelope", "grid"): lambda: [1.0, 2.0],
    ("local_scan", "grid"): lambda: [-1.0, 0.0],
    ("toy_scans", "grid"): lambda: [-1.0, 0.0],
    ("bias", "fitted"): binned,
}

#: Right calls of densities, and of what else makes a model.
MADE: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "argus": (hz.pdf.argus, {"x": X, "end": 9.0, "slope": -1.0, "power": 0.5, "nodes": 96}),
    "bernstein": (hz.pdf.bernstein, {"x": X, "coefficients": [1, 2]}),
    "breit_wigner": (hz.pdf.breit_wigner, {"x": X, "mean": 4, "width": 1}),
    "chebyshev": (hz.pdf.chebyshev, {"x": X, "coefficients": [0.1]}),
    "convolved": (hz.pdf.convolved, {"density": FLAT, "kernel": PEAK, "window": (-3, 3), "nodes": 16}),
    "crystal_ball": (hz.pdf.crystal_ball, {"x": X, "mean": 4, "sigma": 1, "alpha": 1, "n": 2}),
    "double_crystal_ball": (
        hz.pdf.double_crystal_ball,
        {"x": X, "mean": 4, "sigma": 1, "alpha_low": 1, "n_low": 2, "alpha_high": 1, "n_high": 2, "sigma_high": None},
    ),
    "exponential": (hz.pdf.exponential, {"x": X, "slope": -0.1}),
    "extended": (hz.pdf.extended, {"processes": {"a": (3, PEAK)}}),
    "from_function": (hz.pdf.from_function, {"expression": 1 + X * X, "x": X, "nodes": 32}),
    "gaussian": (hz.pdf.gaussian, {"x": X, "mean": 4, "sigma": 1}),
    "interpolated": (hz.pdf.interpolated, {"x": X, "points": [0, 5, 10], "heights": [1, 2, 1]}),
    "kde": (hz.pdf.kde, {"x": X, "sample": [1.0, 2.0], "weights": [1, 1], "adaptive": True, "bandwidth": 1.0}),
    "landau": (hz.pdf.landau, {"x": X, "location": 4, "scale": 1}),
    "lognormal": (hz.pdf.lognormal, {"x": V, "median": 3, "sigma": 0.3}),
    "polynomial": (hz.pdf.polynomial, {"x": X, "coefficients": [0.1]}),
    "power_law": (hz.pdf.power_law, {"x": V, "power": -2}),
    "product": (hz.pdf.product, {"densities": [PEAK, FLAT], "nodes": 64}),
    "step": (hz.pdf.step, {"x": X, "edges": [0, 5, 10], "contents": [1, 2]}),
    "sum": (hz.pdf.sum, {"densities": [PEAK, FLAT], "fractions": [0.5]}),
    "uniform": (hz.pdf.uniform, {"x": X}),
    "voigt": (hz.pdf.voigt, {"x": X, "mean": 4, "width": 1, "sigma": 1, "nodes": 96}),
    "parameter": (
        hz.parameter,
        {"name": "a", "value": 1.0, "bounds": (0, 2), "constraint": hz.normal(1, 0.1), "fixed": False,
         "interest": False, "step": 0.1, "groups": ("g",), "doc": ""},
    ),
    "observable": (hz.observable, {"name": "q", "low": 0, "high": 1, "doc": ""}),
    "normal": (lambda **k: hz.parameter("a", 1.0, constraint=hz.normal(**k)), {"center": 1.0, "sigma": 0.1}),
    "counted": (lambda **k: hz.parameter("a", 1.0, constraint=hz.counted(**k)), {"count": 3, "scale": 1.0}),
    "integral": (PEAK.integral, {"low": 0, "high": 1}),
    "normalized": (PEAK.normalized, {"ranges": [(0, 1)]}),
    "inside": (CHANNEL.inside, {"rows": ROWS["mumu"]}),
    "toy": (UNBINNED.toy, {"rng": np.random.default_rng(1), "at": {"n": 3.0}}),
}  # fmt: skip

#: Right values of records, and what is done with one, so that what it is refused for comes to light.
RECORDS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "Normal": ({"center": 0.0, "sigma": 1.0}, repr),
    "Counted": ({"count": 3.0, "scale": 1.0}, repr),
    "Parameter": (
        {"name": "r", "value": 1.0, "low": 0.0, "high": 5.0, "constraint": None, "fixed": False,
         "interest": True, "step": 0.1, "unit": GeV.unit, "groups": ("a",), "doc": "", "choices": ()},
        lambda p: of_templates(parameters=hz.stats.Parameters([p, PARAMETERS["lumi"]])),
    ),
    "Parameters": ({"items": [*PARAMETERS]}, repr),
    "Rows": ({"columns": ROWS["mumu"].columns, "weights": np.ones(20)}, lambda r: of_rows(rows=r)),
    "Observation": ({"channels": ROWS, "centers": [np.nan]}, lambda o: of_rows(rows=o)),
    "UnbinnedChannel": ({"name": "mumu", "density": BOTH, "ranges": None}, lambda c: of_rows(channel=c)),
    "UnbinnedModel": ({"channels": [CHANNEL]}, repr),
    "UnbinnedLikelihood": ({"model": UNBINNED, "observation": ROWS}, repr),
    "Extended": ({"processes": BOTH.processes}, lambda d: hz.stats.UnbinnedChannel("a", d)),
    "BinnedChannel": ({"name": "b", "density": BOTH, "edges": [105, 120, 160], "rule": "integral"}, repr),
    "Norm": (
        {"parameter": "lumi", "up": 1.1, "down": 0.9, "rule": "combine"},
        lambda n: of_templates(hz.stats.Process("s", [1.0, 4.0], norms=(n,))),
    ),
    "Factor": ({"parameter": "r"}, lambda f: of_templates(hz.stats.Process("s", [1.0, 4.0], factors=(f,)))),
    "Shape": (
        {"parameter": "lumi", "up": [1.0, 0.0], "down": [-1.0, 0.0], "rule": "combine", "scale": 1.0, "joined": 1.0,
         "log": False},
        lambda s: of_templates(hz.stats.Process("s", [1.0, 4.0], shapes=(s,))),
    ),
    "Gammas": ({"parameters": ("lumi", None)}, lambda g: of_templates(hz.stats.Process("s", [1.0, 4.0], gammas=(g,)))),
    "Process": (
        {"name": "s", "contents": [1.0, 4.0], "rate": 1.0, "errors": None, "norms": (), "factors": (), "shapes": (),
         "gammas": (), "added": None, "scale": None, "bin_scales": None, "signal": False, "floor": None, "normalized": False},
        lambda p: of_templates(p),
    ),
    "Channel": (
        {"name": "sr", "processes": (SIGNAL, BACKGROUND), "counts": [1.0, 2.0], "edges": None, "label": "",
         "profiled": None, "floor": None, "mask": None},
        lambda c: hz.stats.TemplateLikelihood(hz.stats.TemplateModel((c,), PARAMETERS)),
    ),
    "TemplateModel": ({"channels": (BINS,), "parameters": PARAMETERS}, lambda m: hz.stats.TemplateLikelihood(m)),
    "TemplateLikelihood": ({"model": TEMPLATES}, repr),
    "How": (
        {"toys": 2, "seed": 1, "threads": 1, "centers": True, "varied": False},
        lambda h: hz.stats.goodness(binned(), how=h),
    ),
    "Uncertainties": (
        {"norms": {"lumi": 1.1}, "free": {}, "threshold": 10, "include_signal": False},
        lambda u: hz.stats.likelihood_of(FILLED, u),
    ),
    "SignalStrength": ({"low": 0.0, "high": 20.0, "name": "r"}, lambda s: hz.stats.likelihood_of(FILLED, physics=s)),
    "Strength": ({"name": "r", "value": 1.0, "low": 0.0, "high": 3.0}, repr),
    "Strengths": (
        {"rules": (("sr/s", "r_s"),), "strengths": (hz.stats.Strength("r_s"),), "signal_only": True},
        lambda s: hz.stats.likelihood_of(FILLED, physics=s),
    ),
    "FloatingProduction": (
        {"modes": ("ggH", "VH"), "low": 0.0, "high": 3.0},
        repr,
    ),
    "FinalStates": (
        {"f4e": 0.25, "f4mu": 0.27, "names": {"s": "4e"}, "float_shares": True, "high": 10.0},
        lambda s: hz.stats.likelihood_of(FILLED, physics=s),
    ),
    "CardStyle": (
        {"nominal": "$PROCESS_$CHANNEL", "varied": "$PROCESS_$CHANNEL_$SYSTEMATIC", "counted": True},
        lambda s: hz.stats.write_channels(FILLED, "card.txt", style=s),
    ),
}  # fmt: skip


def of_templates(process: Any = SIGNAL, parameters: Any = PARAMETERS) -> Likelihood:
    """The likelihood of a process beside a background."""
    channel = hz.stats.Channel("sr", (process, BACKGROUND), [31.0, 25.0])
    return hz.stats.TemplateLikelihood(hz.stats.TemplateModel((channel,), parameters))


def of_rows(channel: Any = CHANNEL, rows: Any = ROWS["mumu"]) -> Likelihood:
    """The likelihood of rows."""
    return hz.stats.UnbinnedLikelihood(hz.stats.UnbinnedModel([channel]), rows)
