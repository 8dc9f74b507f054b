"""Statistics of goodness of fit: masked channels are left out, and statistics of simulation is in the model."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, kstest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.methods.goodness import degrees, goodness, statistic_of
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parameters import Choice, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
from tests.stats.likelihoods import Templates

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


def test_the_saturated_statistic_has_a_p_value_where_it_is_chi_squared():
    """Degrees of freedom: bins less what nothing constrains; none where a bin expects too little."""
    many, few = channel("a", [50.0, 50.0], [60.0, 45.0]), channel("a", [50.0, 1.0], [60.0, 0.0])
    found = goodness(likelihood(many))
    assert found.ndf == 1
    assert found.asymptotic == pytest.approx(chi2.sf(found.observed["all"], 1))
    assert "asymptotic p-value" in found.text()
    assert "--toys N throws toys" in found.text()
    rare = replace(few, processes=(replace(few.processes[0], contents=np.array([5.0, 0.1])), few.processes[1]))
    assert goodness(likelihood(rare)).ndf == 0
    assert "no χ²" in goodness(likelihood(rare)).text()
    assert goodness(likelihood(many), fixed={"r": 1.0}).ndf == 2


def rows(x, weights=None):
    m = hz.observable("m", 0.0, 10.0)
    slope = hz.parameter("slope", -0.2, bounds=(-2, -0.01))
    number = hz.parameter("n", 100.0, bounds=(0, 1000), interest=True)
    model = UnbinnedModel((UnbinnedChannel("u", hz.pdf.extended(all=(number, hz.pdf.exponential(m, slope)))),))
    return UnbinnedLikelihood(model, {"u": Rows({"m": np.asarray(x, float)}, weights)})


def test_rows_are_compared_with_the_cumulative_distribution():
    x = np.random.default_rng(3).exponential(3.0, 60)
    x = x[x < 10]
    model = rows(x)
    best = fit(model).values
    slope = best[model.parameters.index("slope")]

    def below(v):
        return (np.exp(slope * v) - 1) / (np.exp(slope * 10) - 1)

    (ks,) = statistic_of(model, best, "ks").values()
    assert ks == pytest.approx(kstest(x, below).statistic, rel=1e-9)
    (ad,) = statistic_of(model, best, "ad").values()
    u, k, n = np.sort(below(x)), np.arange(1, len(x) + 1), len(x)
    assert ad == pytest.approx(-1 - np.mean((2 * k - 1) * (np.log(u) + np.log(1 - u[::-1]))) / n, rel=1e-9)
    found = goodness(model, "ks", How(20, seed=1))
    assert found.p["u"].toys == 20
    assert 0.02 < found.toys["u"].mean() < 0.2


def test_weighted_rows_are_rows_taken_several_times():
    x = np.array([1.0, 2.0, 4.0])
    one, several = rows(x, np.array([1.0, 2.0, 1.0])), rows([1.0, 2.0, 2.0, 4.0])
    for statistic in ("ks", "ad"):
        (a,), (b,) = (statistic_of(m, m.parameters.values, statistic).values() for m in (one, several))
        assert a == pytest.approx(b, rel=1e-12)


def test_rows_without_an_order_are_refused():
    m, s = hz.observable("m", 0.0, 10.0), hz.observable("s", 0.5, 2.0)
    number = hz.parameter("n", 100.0, bounds=(0, 1000), interest=True)
    model = UnbinnedModel((UnbinnedChannel("u", hz.pdf.extended(all=(number, hz.pdf.gaussian(m, 5.0, s)))),))
    likelihood = UnbinnedLikelihood(model, {"u": Rows({"m": np.array([4.0]), "s": np.array([1.0])})})
    with pytest.raises(HzdslError, match="rows of channel 'u' have no order"):
        goodness(likelihood, "ks")
    with pytest.raises(HzdslError, match="test its distribution, by ks or ad"):
        goodness(rows([1.0]), "saturated")


@pytest.mark.parametrize(("chosen", "ndf"), [(0, 3), (1, 2)])
def test_degrees_of_freedom_are_those_of_the_functions_that_are_chosen(chosen, ndf):
    """Five bins less r and what the chosen function has: an index is no parameter, nor what it leaves out."""
    states = (Choice("line", ("a",)), Choice("curve", ("b", "c")))
    index = Parameter("index", float(chosen), 0, 1, choices=states)
    parameters = Parameters([R, index, *(Parameter(name, 0.0, -1, 1) for name in "abc")])

    def expected(x):
        return {"all": np.full(5, 50.0) * x[0]}, {}, None

    model = Templates(parameters, np.full(5, 50.0), expected)
    assert degrees(model, parameters.values) == ndf
    assert degrees(model, parameters.values, fixed={"r": 1.0}) == ndf + 1


def test_nothing_is_left_where_all_is_masked():
    both = likelihood(channel("a", [50.0, 50.0], [60.0, 49.0], mask="mask_a"), masked="a")
    assert degrees(both, both.parameters.values) == 0
