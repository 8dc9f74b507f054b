"""Asimov data: what is exactly as expected, of nominal parameters or of fitted ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hzdsl.stats.likelihood import Likelihood, Observation
from hzdsl.stats.parameters import Vector


def parameters_at(
    likelihood: Likelihood, values: Mapping[str, float] | Iterable[tuple[str, float]] = (), x: Vector | None = None
) -> Vector:
    """Return nominal parameters, or a copy of `x`, of which some have other values.

    Raises
    ------
    HzdslError
        ``name-unknown``
    """
    at = (likelihood.parameters.values if x is None else x).copy()
    for name, value in dict(values).items():
        at[likelihood.parameters.index(name)] = value
    return at


def asimov_of(
    likelihood: Likelihood, values: Mapping[str, float] | None = None, x: Vector | None = None
) -> Observation:
    """Return Asimov data: of nominal parameters (a-priori expectation) or of fitted ones, of which some are changed.

    Parameters
    ----------
    likelihood : Likelihood
        The model, given the data.
    values : mapping of str to float, optional
        Parameters that have other values, such as the signal.
    x : array of shape (n,), optional
        All parameters, as fitted to the data: what is profiled bin by bin is, too. Else all of that is nominal.

    Examples
    --------
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.likelihood import TemplateLikelihood
    >>> from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
    >>> import numpy as np
    >>> signal = Process("signal", np.array([5.0]), factors=(Factor("r"),))
    >>> channel = Channel("only", (signal, Process("background", np.array([8.0]))), counts=np.array([20.0]))
    >>> likelihood = TemplateLikelihood(TemplateModel((channel,), Parameters([Parameter("r", 1.0)])))
    >>> float(asimov_of(likelihood, {"r": 2.0}).channels["only"][0])
    18.0
    """
    return likelihood.asimov(parameters_at(likelihood, values or {}, x), profiled=x is not None)
