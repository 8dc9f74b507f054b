"""Statistics: parameters, models, likelihoods and what is made of them, from the graph to a published number.

Names are imported when they are asked for: ``hz.stats.fit``, ``hz.stats.read``, … Here functions check their arguments
(`hzdsl.stats.roles`); inside of the package they are imported from their modules.

Examples
--------
>>> import numpy as np
>>> import hzdsl as hz
>>> x, n = hz.observable("x", 0, 10), hz.parameter("n", 3.0, bounds=(0, 100))
>>> channel = hz.stats.UnbinnedChannel("only", hz.pdf.extended(flat=(n, hz.pdf.uniform(x))))
>>> rows = hz.stats.Rows({"x": np.array([1.0, 2.0, 5.0, 7.0])})
>>> likelihood = hz.stats.UnbinnedLikelihood(hz.stats.UnbinnedModel((channel,)), {"only": rows})
>>> round(hz.stats.fit(likelihood).value("n"), 6)
4.0
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import Any

#: Public names, by the module that holds them.
_MODULES = MappingProxyType(
    {
        "combine.physics": "FinalStates FloatingProduction SignalStrength Strength Strengths multi_signal",
        "densities.binned": "BinnedChannel BinnedPart",
        "densities.model": "Extended UnbinnedChannel UnbinnedModel",
        "densities.part": "UnbinnedLikelihood",
        "fits.fit": "fit minos_of",
        "fits.result": "FitResult",
        "fits.weighted": "of_weighted",
        "fits.yields": "postfit prefit",
        "harvest.cards": "CardStyle write_channels",
        "harvest.channel": "FilledChannel",
        "harvest.filled": "filled_channel",
        "harvest.model": "likelihood_of",
        "harvest.pseudodata": "with_asimov with_toy",
        "harvest.rows": "filled_rows",
        "harvest.uncertainties": "Uncertainties",
        "likelihood": "Likelihood Observation Rows",
        "methods.asimov": "asimov_of",
        "methods.asymptotic": "hypotest limits",
        "methods.bias": "bias spurious_signal",
        "methods.breakdown": "breakdown",
        "methods.compatibility": "compatibility",
        "methods.coverage": "coverage",
        "methods.diagnostics": "diagnostics",
        "methods.envelope": "envelope",
        "methods.feldman_cousins": "feldman_cousins",
        "methods.goodness": "goodness",
        "methods.impacts": "impacts",
        "methods.look_elsewhere": "global_significance local_scan toy_scans",
        "methods.nuisances": "correlations nuisance_table",
        "methods.propagation": "propagated",
        "methods.scans": "contour scan",
        "methods.significance": "significance toy_significance",
        "methods.toy_limits": "toy_limits",
        "methods.toys": "How",
        "parameters": "Counted Normal Parameter Parameters",
        "parts": "JointLikelihood",
        "setup.opening": "read",
        "templates.likelihood": "TemplateLikelihood",
        "templates.model": "Channel Factor Gammas Norm Process Shape TemplateModel",
    }
)
_LATER = {name: f"hzdsl.stats.{module}" for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted(_LATER)  # noqa: PLE0605 - made of the table


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return _found(name)
    if name.startswith("_"):
        raise AttributeError(f"module 'hzdsl.stats' has no attribute '{name}'")
    from hzdsl.errors import UnknownName, did_you_mean
    from hzdsl.lang.places import user_place

    fix = did_you_mean(name, __all__) or "docs/reference.md names all there is"
    raise UnknownName("attribute", f"hzdsl.stats has no '{name}'", fix=fix, place=user_place())


@cache
def _found(name: str) -> Any:
    """Return a class, or a function that checks what it is called with."""
    from importlib import import_module
    from inspect import isfunction

    found = getattr(import_module(_LATER[name]), name)
    if not isfunction(found):
        return found
    from hzdsl.stats.roles import public

    return public(name, found)


def __dir__() -> list[str]:
    return __all__
