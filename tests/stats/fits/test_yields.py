"""What is expected after a fit: profiled statistics of simulation against the same parameters written out."""

import numpy as np

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.yields import postfit, prefit
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Norm, Process, TemplateModel
from tests.stats.likelihoods import Templates

SIGNAL, BACKGROUND = np.array([2.0, 12.0, 5.0]), np.array([40.0, 30.0, 9.0])
ERRORS, COUNTS = np.array([6.0, 4.0, 3.0]), np.array([52.0, 40.0, 21.0])
NUISANCE = Normal(0.0, 1.0)


def profiled() -> TemplateLikelihood:
    processes = (
        Process("signal", SIGNAL, factors=(Factor("r"),)),
        Process("background", BACKGROUND, errors=ERRORS, norms=(Norm("lumi", 1.2, 1 / 1.2),)),
    )
    channel = Channel("sr", processes, counts=COUNTS, profiled=np.ones(3, bool))
    parameters = [Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("lumi", constraint=NUISANCE)]
    return TemplateLikelihood(TemplateModel((channel,), Parameters(parameters)))


def test_total_is_that_of_explicit_parameters():
    one = profiled()
    names = [f"b{k}" for k in range(3)]
    free = [*one.parameters, *(Parameter(n, constraint=NUISANCE) for n in names)]

    def model(x):
        scale = 1.2 ** x[1]
        contents = {"signal": x[0] * SIGNAL, "background": scale * (BACKGROUND + ERRORS * x[2:])}
        slopes = {
            "signal": np.vstack([SIGNAL, np.zeros((4, 3))]),
            "background": np.vstack([np.zeros(3), np.log(1.2) * contents["background"], scale * np.diag(ERRORS)]),
        }

        def second(weights):
            found = np.zeros((5, 5))
            found[1, 1] = np.log(1.2) ** 2 * weights @ contents["background"]
            found[1, 2:] = found[2:, 1] = np.log(1.2) * scale * ERRORS * weights
            return found

        return contents, slopes, second

    other = Templates(Parameters(free), COUNTS, model, "sr")
    mine, theirs = fit(one), fit(other)
    np.testing.assert_allclose(mine.values, theirs.values[:2], rtol=1e-5)
    total, explicit = postfit(one, mine).channels["sr"]["total"], postfit(other, theirs).channels["sr"]["total"]
    np.testing.assert_allclose(total.values, explicit.values, rtol=1e-5)
    np.testing.assert_allclose(total.errors, explicit.errors, rtol=1e-5)
    np.testing.assert_allclose([total.sum, total.sum_error], [explicit.sum, explicit.sum_error], rtol=1e-5)


def test_before_the_fit_errors_of_simulation_are_whole():
    total = prefit(profiled()).channels["sr"]["total"]
    np.testing.assert_allclose(total.values, SIGNAL + BACKGROUND)
    np.testing.assert_allclose(total.errors, np.hypot(ERRORS, np.log(1.2) * BACKGROUND), rtol=1e-6)
