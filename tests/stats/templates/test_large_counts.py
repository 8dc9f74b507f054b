"""Bins of any size are fitted as others are: -ln L has no rounding noise of the size of its counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Norm, Process, Shape, TemplateModel

X = np.arange(10.0)
SIGNAL, BACKGROUND = 5 * np.exp(-0.5 * (X - 4) ** 2), 50 - 4 * X


def model(scale: float, profiled: bool) -> TemplateLikelihood:
    """Ten bins with `scale` times their contents, and counts as they may have been seen: 0.3 deviations off."""
    lumi = Norm("lumi", 1.02, 1 / 1.02)
    tilt = scale * 0.02 * BACKGROUND * (X - 4.5)
    processes = (
        Process("s", scale * SIGNAL, factors=(Factor("r"),), norms=(lumi,), errors=0.01 * scale * SIGNAL),
        Process("b", scale * BACKGROUND, norms=(lumi,), shapes=(Shape("tilt", tilt, -tilt),),
                errors=0.001 * scale * BACKGROUND),
    )  # fmt: skip
    mean = scale * (SIGNAL + BACKGROUND)
    counts = mean + 0.3 * np.sqrt(mean) * (-1) ** X
    channel = Channel("c", processes, counts, profiled=np.ones(10, bool) if profiled else None)
    parameters = [
        Parameter("r", 1.0, 0.0, 20.0, interest=True),
        *(Parameter(n, constraint=Normal()) for n in ("lumi", "tilt")),
    ]
    return TemplateLikelihood(TemplateModel((channel,), Parameters(parameters)))


@pytest.mark.parametrize("scale", [1e6, 1e10, 1e12, 1e14])
def test_fits_converge_and_intervals_are_found(scale: float) -> None:
    """Where statistics of simulation limits the result it is the same for all sizes."""
    found = fit(model(scale, profiled=True), minos=("r",))
    assert found.status == "valid"
    assert found.value("r") == pytest.approx(1, abs=1e-3)
    assert found.error("r") == pytest.approx(fit(model(1e9, profiled=True)).error("r"), rel=1e-2)


def test_without_statistics_of_simulation() -> None:
    assert fit(model(1e10, profiled=False), minos=("r",)).status == "valid"


@pytest.mark.parametrize("size", [1e4, 1e8, 1e12])
def test_what_differs_little_is_resolved(size: float) -> None:
    """One deviation away from what was seen -ln L has risen by ½, to 1e-8."""
    process = Process("p", np.array([size]), factors=(Factor("r"),))
    channel = Channel("c", (process,), counts=np.array([size]))
    likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([replace(Parameter("r"), value=1.0)])))
    step = 1 / np.sqrt(size)
    at, above, below = (likelihood.value(np.array([x])) for x in (1.0, 1 + step, 1 - step))
    assert 0.5 * (above + below) - at == pytest.approx(0.5 + step**2 / 4, abs=1e-8)


@pytest.mark.parametrize(("scale", "minos"), [(1e8, ("r",)), (1e9, ("r",)), (1e10, ())])
def test_far_from_the_minimum_in_a_narrow_valley(scale: float, minos: tuple[str, ...]) -> None:
    """Two counts and four parameters: what counts tell is 1e5 times as precise as what is measured of normalisations.

    Where fits start second derivatives are far from positive definite.
    """
    lumi, theory = Norm("lumi", 1.02, 1 / 1.02), Norm("theory", 1.1, 1 / 1.1)
    signal = Process("h", np.array([5 * scale]), factors=(Factor("r"),), norms=(lumi, theory))
    in_region = Process("b", np.array([8 * scale]), factors=(Factor("size"),), norms=(lumi,))
    beside = Process("b", np.array([50 * scale]), factors=(Factor("size"),), norms=(lumi,))
    channels = (
        Channel("sr", (signal, in_region), np.array([12 * scale])), Channel("cr", (beside,), np.array([61 * scale])),
    )  # fmt: skip
    free = [Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("size", 1.0, 0.0, 5.0)]
    parameters = Parameters([*free, *(Parameter(n, constraint=Normal()) for n in ("lumi", "theory"))])
    found = fit(TemplateLikelihood(TemplateModel(channels, parameters)), minos=minos)
    assert found.status == "valid"
    assert found.values == pytest.approx([0.448, 1.22, 0.0, 0.0], abs=2e-3)
