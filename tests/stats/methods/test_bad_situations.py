"""Nothing seen, few events, no background: results that are right, or words that say what is wrong."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Likelihood, Rows
from hzdsl.stats.methods.asymptotic import limits
from hzdsl.stats.methods.significance import significance, toy_significance
from hzdsl.stats.methods.toy_limits import toy_limits
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Norm, Process, TemplateModel


def rows(n: int) -> Likelihood:
    """A peak whose place is free, on an exponential; n rows."""
    x = hz.observable("x", 0, 1)
    r, b = hz.parameter("r", 1.0, bounds=(0, 20)), hz.parameter("b", 5.0, bounds=(0, None))
    place, slope = hz.parameter("m", 0.5, bounds=(0.3, 0.7)), hz.parameter("tau", 1.0, bounds=(0.05, 10))
    density = hz.pdf.extended(sig=(r, hz.pdf.gaussian(x, place, 0.05)), bkg=(b, hz.pdf.exponential(x, slope)))
    model = hz.stats.UnbinnedModel((hz.stats.UnbinnedChannel("c", density),))
    found = hz.stats.UnbinnedLikelihood(model, {"c": Rows({"x": np.linspace(0.2, 0.8, n)})})
    return found.with_parameters(found.parameters.changed({"r": {"interest": True}}))


def test_no_rows_at_all() -> None:
    """Both yields are 0, and shapes are not determined; a signal of ½ is one deviation, of -ln(CLs) the limit."""
    found = fit(rows(0), minos=("r",))
    assert found.converged
    assert found.at_bounds == ("r", "b")
    assert found.flat == ("m", "tau")
    assert np.isnan(found.error("m"))
    assert found.status == (
        "r is at its bound 0; b is at its bound 0; the likelihood does not determine m; "
        "the likelihood does not determine tau; MINOS interval of r below ends at the bound 0"
    )
    assert found.minos["r"].high == pytest.approx(0.5, abs=1e-4)
    assert significance(rows(0)).z == 0
    expected = limits(rows(0))
    assert expected.observed == pytest.approx(0.5 * 1.959964**2, rel=1e-3)  # qμ = 2μ, CLs = 2 (1 - Φ(√qμ))


@pytest.mark.parametrize("n", [1, 2])
def test_few_rows_beside_the_peak(n: int) -> None:
    found = fit(rows(n))
    assert found.converged
    assert "r" in found.at_bounds
    assert found.flat == ("m",)
    assert found.value("b") == pytest.approx(n, rel=1e-4)
    assert significance(rows(n)).z == 0
    assert limits(rows(n)).observed > 0


def without_background(seen: tuple[float, ...]) -> TemplateLikelihood:
    lumi = (Norm("lumi", 1.02, 1 / 1.02),)
    signal = Process("s", np.array([5.0, 2.0, 1.0]), factors=(Factor("r"),), norms=lumi)
    channel = Channel("sr", (signal, Process("b", np.array([7.0, 0.0, 0.0]))), counts=np.array(seen))
    parameters = [Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("lumi", constraint=Normal())]
    return TemplateLikelihood(TemplateModel((channel,), Parameters(parameters)))


@pytest.mark.parametrize(
    "method",
    [
        significance,
        limits,
        lambda x: toy_significance(x, how=How(5)),
        lambda x: toy_limits(x, how=How(5), points=[1.0]),
    ],
)
def test_events_where_background_makes_none(method) -> None:
    with pytest.raises(HzdslError) as caught:
        method(without_background((7.0, 2.0, 1.0)))
    assert caught.value.code == "fit"
    assert "2 events in bin 1 of channel 'sr' are seen and none are expected (and in 1 other of its bins)" in str(
        caught.value
    )


def test_no_background_and_no_events_there() -> None:
    likelihood = without_background((9.0, 0.0, 0.0))
    assert fit(likelihood).converged
    assert significance(likelihood).z >= 0
    assert limits(likelihood).observed > 0
    nothing = without_background((0.0, 0.0, 0.0))
    assert fit(nothing).at_bounds == ("r",)
    assert log(2) < limits(nothing).observed * 8 < 3
