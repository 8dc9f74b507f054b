"""Statistics of goodness of fit: masked channels are left out, and statistics of simulation is in the model."""

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.methods.goodness import statistic_of
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel

R = Parameter("r", 1.0, 0.0, 20.0, interest=True)


def channel(name, background, counts, **more):
    signal = Process("signal", np.array([5.0, 5.0]), factors=(Factor("r"),))
    simulated = Process("background", np.array(background), errors=more.pop("errors", None))
    return Channel(name, (signal, simulated), counts=np.array(counts), **more)


def likelihood(*channels, masked=()):
    masks = [Parameter(c.mask, float(c.name in masked), 0.0, 1.0, fixed=True) for c in channels if c.mask]
    return TemplateLikelihood(TemplateModel(channels, Parameters([R, *masks])))


@pytest.mark.parametrize("statistic", ["saturated", "ks", "ad"])
def test_masked_channels_are_left_out(statistic):
    a = channel("a", [50.0, 50.0], [60.0, 49.0])
    b = channel("b", [20.0, 20.0], [300.0, 10.0], mask="mask_b")
    masked, alone = likelihood(a, b, masked="b"), likelihood(a)
    found = statistic_of(masked, fit(masked).values, statistic)
    wanted = statistic_of(alone, fit(alone).values, statistic)
    assert found.keys() == wanted.keys()
    assert list(found.values()) == pytest.approx(list(wanted.values()), rel=1e-6)
    shown = likelihood(a, replace(b))
    assert statistic_of(shown, fit(shown).values, statistic) != pytest.approx(wanted)


def test_distances_are_to_the_model_with_statistics_of_simulation():
    errors = np.array([400.0, 400.0])  # the data tell where the model is
    model = likelihood(channel("a", [500.0, 500.0], [800.0, 300.0], errors=errors, profiled=np.ones(2, bool)))
    x = fit(model).values
    total = 500 + 5 * x[0] + model.simulated(x)["a"].added
    assert statistic_of(model, x, "ks")["a"] == pytest.approx(abs(total[0] / total.sum() - 800 / 1100), rel=1e-9)
    assert statistic_of(model, x, "ks")["a"] < 0.01
