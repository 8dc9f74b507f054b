"""A binned model as an HS3 document that ROOT 6.40 reads with the same likelihood.

Each channel is a `histfactory_dist`; constraints of whole samples are distributions of their own, those of single bins
stand with their modifiers, where ROOT looks for them. What ROOT cannot say itself in the standard's words it keeps in
``misc.ROOT_internal``: which channels are one model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from math import inf
from typing import Any

from hzdsl.io.sinks import write_text
from hzdsl.stats.hs3.written import Names, written_channel
from hzdsl.stats.parameters import Counted, Normal, Parameter, center_of
from hzdsl.stats.templates.model import Channel, TemplateModel
from hzdsl.version import __version__

_MODEL, _DATA = "simPdf", "obsData"
_ANALYSIS = f"{_MODEL}_{_DATA}"


def write(model: TemplateModel, path: str | os.PathLike[str]) -> None:
    """Write a model as an HS3 document.

    Parameters
    ----------
    model : TemplateModel
        What is written. Parameters of bins lose their brackets, which names of ROOT do not have: ``mc[0]`` is
        ``mc_bin_0``. Contents that variations make negative are 0 to who reads it.
    path : str
        Of the file; it is written whole or not at all.

    Raises
    ------
    HzdslError
        ``unsupported`` for what ROOT does not read, naming it; ``output`` where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from hzdsl.stats import hs3
    >>> from hzdsl.stats.parameters import Parameters
    >>> from hzdsl.stats.templates.model import Factor, Process
    >>> signal = Process("s", np.array([1.0, 2.0]), factors=(Factor("mu"),))
    >>> mu = Parameter("mu", 1.0, 0.0, 10.0, interest=True)
    >>> model = TemplateModel((Channel("SR", (signal,), np.array([3.0, 1.0])),), Parameters([mu]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(model, f"{folder}/a.json")
    ...     hs3.read(f"{folder}/a.json").parameters
    Parameters(mu)
    """
    write_text(path, json.dumps(document_of(model), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def document_of(model: TemplateModel) -> dict[str, Any]:
    """Return what the document of a model holds."""
    names = Names(model)
    channels = [written_channel(c, names) for c in model.channels]
    labels = [names.of(c.name) for c in model.channels]
    constraints = [d for p in model.parameters if p.name in names.whole for d in _constraint(p, names)]
    functions = [f for p in model.parameters if p.name in names.whole for f in _mean(p, names)]
    return {
        "distributions": [*channels, *constraints],
        "functions": functions,
        "data": [_data(c, axes["axes"], names) for c, axes in zip(model.channels, channels, strict=True)],
        "likelihoods": [
            {
                "name": _ANALYSIS,
                "distributions": [f"model_{x}" for x in labels],
                "data": [f"{_DATA}_{x}" for x in labels],
            }
        ],
        "analyses": [_analysis(model, names)],
        "domains": _domains(model, names, channels),
        "parameter_points": [{"name": "default_values", "parameters": [*_points(model, names)]}],
        "metadata": {"hs3_version": "0.2", "packages": [{"name": "hzdsl", "version": __version__}]},
        "misc": {"ROOT_internal": _internal(model, labels, names)},
    }


# ---- constraints ----


def _constraint(p: Parameter, names: Names) -> Iterable[dict[str, Any]]:
    """Yield the distribution of what was measured of a parameter, named after it as ROOT does."""
    name = names.of(p.name)
    if isinstance(p.constraint, Normal):
        sigma = p.constraint.sigma
        yield {"name": f"{name}Constraint", "type": "gaussian_dist", "x": name, "mean": f"nom_{name}", "sigma": sigma}
    elif isinstance(p.constraint, Counted):
        mean = f"{name}_poisMean"
        yield {"name": f"{name}Constraint", "type": "poisson_dist", "x": f"nom_{name}", "mean": mean, "integer": False}


def _mean(p: Parameter, names: Names) -> Iterable[dict[str, Any]]:
    if isinstance(p.constraint, Counted):
        name = names.of(p.name)
        yield {"name": f"{name}_poisMean", "type": "product", "factors": [name, f"{name}_tau"]}


# ---- data, domains, points ----


def _data(channel: Channel, axes: list[dict[str, Any]], names: Names) -> dict[str, Any]:
    name = f"{_DATA}_{names.of(channel.name)}"
    return {"name": name, "type": "binned", "axes": axes, "contents": channel.counts.tolist()}


def _analysis(model: TemplateModel, names: Names) -> dict[str, Any]:
    return {
        "name": _ANALYSIS,
        "likelihood": _ANALYSIS,
        "domains": [
            f"{_ANALYSIS}_{x}" for x in ("nuisance_parameters", "global_observables", "parameters_of_interest")
        ],
        "parameters_of_interest": [names.of(x) for x in model.parameters.interest],
        "init": "default_values",
    }


def _domains(model: TemplateModel, names: Names, channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    nuisance = [_range(names.of(p.name), p.low, p.high) for p in model.parameters if not p.interest]
    interest = [_range(names.of(p.name), p.low, p.high) for p in model.parameters if p.interest]
    observed = [_range(f"nom_{names.of(p.name)}", -inf, inf) for p in model.parameters if p.constraint is not None]
    observables = [_range(a["name"], a["edges"][0], a["edges"][-1]) for c in channels for a in c["axes"]]
    sections = {
        f"{_ANALYSIS}_nuisance_parameters": nuisance,
        f"{_ANALYSIS}_global_observables": observed,
        f"{_ANALYSIS}_parameters_of_interest": interest,
        "default_domain": [*interest, *nuisance, *observed, *observables],
    }
    return [{"name": name, "type": "product_domain", "axes": axes} for name, axes in sections.items()]


def _range(name: str, low: float, high: float) -> dict[str, Any]:
    ends = {"min": low, "max": high}
    return {"name": name, **{k: x for k, x in ends.items() if abs(x) < inf}}


def _points(model: TemplateModel, names: Names) -> Iterable[dict[str, Any]]:
    for p in model.parameters:
        yield {"name": names.of(p.name), "value": p.value, **({"const": True} if p.fixed else {})}
        if p.constraint is not None:
            yield {"name": f"nom_{names.of(p.name)}", "value": center_of(p.constraint), "const": True}
        if isinstance(p.constraint, Counted) and p.name in names.whole:
            yield {"name": f"{names.of(p.name)}_tau", "value": p.constraint.scale, "const": True}


def _internal(model: TemplateModel, labels: list[str], names: Names) -> dict[str, Any]:
    indices = list(range(len(labels)))
    together = {"index_cat": "channelCat", "indices": indices, "labels": labels}
    binned = {f"{x}_model": {"tags": ["BinnedLikelihood", "GenerateBinned"]} for x in labels}
    constant = [f"nom_{names.of(p.name)}" for p in model.parameters if p.constraint is not None]
    return {
        "ModelConfigs": {_ANALYSIS: {"mcName": "ModelConfig", "pdfName": _MODEL}},
        "attributes": binned | {x: {"tags": ["Constant"]} for x in constant},
        "combined_datasets": {_DATA: together},
        "combined_distributions": {_MODEL: {"distributions": [f"model_{x}" for x in labels], **together}},
    }
