"""Three models whose fits have to cover: rows with a peak, templates with many nuisance parameters, two counts."""

from __future__ import annotations

import numpy as np

import hzdsl as hz
from hzdsl import MeV
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.likelihood import Likelihood, Rows
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Norm, Process, Shape, TemplateModel

BINS, NUISANCES = 20, 20


def peak() -> Likelihood:
    """Return a peak with a tail on an exponential, as in analyses/bsmm: yields, place, width and slope are free."""
    x = hz.observable("m", 4900 * MeV, 5800 * MeV)
    efficiency = hz.parameter("efficiency", 0.0, constraint=hz.normal(0, 1))
    nsig = hz.parameter("nsig", 400.0, bounds=(0, None), interest=True)
    nbkg = hz.parameter("nbkg", 2000.0, bounds=(0, None))
    mean = hz.parameter("mean", 5366.9 * MeV, bounds=(5300 * MeV, 5450 * MeV))
    sigma = hz.parameter("sigma", 25 * MeV, bounds=(10 * MeV, 100 * MeV))
    slope = hz.parameter("slope", 0.0025 / MeV, bounds=(0.0005 / MeV, 0.1 / MeV))
    signal = nsig * (1 + 0.04 * efficiency), hz.pdf.crystal_ball(x, mean, sigma, 1.0, 3.0)
    density = hz.pdf.extended(signal=signal, background=(nbkg, hz.pdf.exponential(x, -slope)))
    rows = {"mumu": Rows({"m": np.array([5000.0])})}  # of what is observed only the toys are fitted
    return UnbinnedLikelihood(UnbinnedModel((UnbinnedChannel("mumu", density),)), rows)


def templates() -> Likelihood:
    """Return a signal and three backgrounds in 20 bins: ten norms, ten shapes, and statistics of simulation."""
    at = (np.arange(BINS) + 0.5) / BINS
    contents = {
        "signal": 60 * np.exp(-0.5 * ((at - 0.6) / 0.1) ** 2),
        "falling": 400 * np.exp(-2.0 * at),
        "flat": np.full(BINS, 80.0),
        "rising": 20 + 60 * at,
    }
    names = [f"nuisance_{k}" for k in range(NUISANCES)]
    processes = []
    for p, (name, nominal) in enumerate(contents.items()):
        norms = tuple(Norm(n, 1.03 + 0.005 * k, 1 / (1.03 + 0.005 * k)) for k, n in enumerate(names[:10]) if k % 4 == p)
        shapes = tuple(
            Shape(n, 0.05 * nominal * wave, -0.05 * nominal * wave)
            for k, n in enumerate(names[10:])
            if k % 3 != p and np.any(wave := np.cos((1 + k) * np.pi * at))
        )
        factors = (Factor("r"),) if name == "signal" else ()
        processes.append(
            Process(name, nominal, factors=factors, norms=norms, shapes=shapes, errors=np.sqrt(nominal / 4))
        )
    total = np.sum([*contents.values()], axis=0)
    channel = Channel("only", tuple(processes), total, profiled=np.full(BINS, True))
    constrained = [Parameter(n, constraint=Normal()) for n in names]
    r = Parameter("r", 1.0, -5.0, 20.0, interest=True)
    return TemplateLikelihood(TemplateModel((channel,), Parameters([r, *constrained])))


def counting() -> Likelihood:
    """Return a count with 40 signal and 60 background events, and a region with twice as much background alone."""
    background = Factor("background")
    signal = Process("signal", np.array([1.0]), factors=(Factor("events"),))
    channels = (
        Channel(
            "signal_region", (signal, Process("background", np.array([60.0]), factors=(background,))), np.array([100.0])
        ),
        Channel(
            "control_region", (Process("background", np.array([120.0]), factors=(background,)),), np.array([120.0])
        ),
    )
    events = Parameter("events", 40.0, -50.0, 500.0, interest=True)
    return TemplateLikelihood(TemplateModel(channels, Parameters([events, Parameter("background", 1.0, 0.01, 10.0)])))
