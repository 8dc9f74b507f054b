"""The likelihood of a binned model: compiled once for each kind of model, whatever its size, data and constraints."""

from __future__ import annotations

import numpy as np

from hzdsl.lang.places import located
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.model import TemplateModel
from hzdsl.stats.templates.part import TemplatePart


class TemplateLikelihood(JointLikelihood):
    """-ln L of a `TemplateModel`, with all constants: see `hzdsl.stats.likelihood.Likelihood`.

    Parameters
    ----------
    model : TemplateModel
        Channels with their observed counts, and parameters with what was measured of them.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.model import Channel, Factor, Process
    >>> signal = Process("signal", np.array([2.0]), factors=(Factor("mu"),))
    >>> channel = Channel("only", (signal, Process("background", np.array([8.0]))), np.array([11.0]))
    >>> likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([Parameter("mu", 1.0)])))
    >>> round(likelihood.value(np.array([1.5])), 6)
    2.12546
    """

    @located
    def __init__(self, model: TemplateModel) -> None:
        part = TemplatePart(model)
        self.model = model
        counts = {c.name: np.asarray(c.counts, float) for c in model.channels}
        observation = Observation(counts, model.parameters.centers)
        super().__init__([part], model.parameters, observation)
