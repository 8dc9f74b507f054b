"""hzdsl: a language for particle-physics analysis, embedded in Python.

>>> import hzdsl as hz
>>> from hzdsl import GeV
>>> ev = hz.events("nanoaod")
>>> good_mu = ev.Muon[(ev.Muon.pt > 5*GeV) & (abs(ev.Muon.eta) < 2.4)]
>>> hz.count(good_mu) == 4
<count(Muon[Muon.pt > 5 GeV and abs(Muon.eta) < 2.4]) == 4 : bool @ event>
"""

from hzdsl.interrupts import leave_at_once as _leave_at_once

_leave_at_once()  # first: Ctrl-C may come while the rest is imported

import os
from typing import TYPE_CHECKING, Any

from hzdsl.errors import HzdslError
from hzdsl.errors import UnknownName as _UnknownName
from hzdsl.ir.units import NAMES as _UNITS
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.axes import axis
from hzdsl.lang.collections import Collection
from hzdsl.lang.documented import bind as _document
from hzdsl.lang.documented import doc
from hzdsl.lang.events import Events, events
from hzdsl.lang.functions import FUNCTIONS as _FUNCTIONS
from hzdsl.lang.kinematics import COMPONENTS as _COMPONENTS
from hzdsl.lang.kinematics import DERIVED as _DERIVED
from hzdsl.lang.models import model
from hzdsl.lang.objects import Object
from hzdsl.lang.objects import Single as _Single
from hzdsl.lang.objects import Sum as _Sum
from hzdsl.lang.parameters import param
from hzdsl.lang.payloads import correction, lumi_mask
from hzdsl.lang.places import as_path as _as_path
from hzdsl.lang.places import located as _located
from hzdsl.lang.places import user_place as _user_place
from hzdsl.lang.quantities import Quantity, quantity
from hzdsl.lang.synonyms import of_function as _of_function
from hzdsl.lang.values import Value
from hzdsl.looking import as_text as _as_text
from hzdsl.looking import bind as _bind
from hzdsl.looking import peek
from hzdsl.uncaught import bind as _print_errors
from hzdsl.version import __version__

#: What is imported when it is asked for first.
_LATER = {
    "observable": "hzdsl.stats.observable",
    **dict.fromkeys(("counted", "normal", "parameter"), "hzdsl.stats.declare"),
    "pdf": "hzdsl.stats.densities",
    "stats": "hzdsl.stats",
}
_NAMES: dict[str, Any] = {**{name: quantity(1, name) for name in _UNITS}, **_FUNCTIONS}
globals().update(_NAMES)

if not TYPE_CHECKING:
    __all__ = [  # noqa: PLE0604
        "Analysis", "Collection", "Events", "HzdslError", "Object", "Quantity", "Value", "axis", "correction", "doc",
        "events", "load", "lumi_mask", "model", "param", "peek", "to_adl", "to_latex", "to_toml", "__version__",
        *_NAMES, *_LATER,
    ]  # fmt: skip
_PUBLIC: list[str] = globals()["__all__"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module 'hzdsl' has no attribute '{name}'")
    if name in _LATER:
        return _imported(name)
    fix = _of_function(name, _PUBLIC, (*_COMPONENTS, *_DERIVED))
    raise _UnknownName("attribute", f"hzdsl has no '{name}'", fix=fix, place=_user_place())


def _imported(name: str) -> Any:
    """Return a name that its module holds, or the module of that name."""
    from importlib import import_module

    room = import_module(_LATER[name])
    if _LATER[name] == f"hzdsl.{name}":
        return room
    return getattr(room, name) if hasattr(room, name) else import_module(f"{_LATER[name]}.{name}")


def __dir__() -> list[str]:
    return sorted(_PUBLIC)


@_located
def load(path: str | os.PathLike[str], **options: Any) -> Any:
    """Return the analysis or library that a text file describes; see `hzdsl.text.load`."""
    from hzdsl.text import load as read

    return read(_as_path(path, "the file to load"), **options)


@_located
def to_toml(analysis: Any) -> str:
    """Return an analysis as a TOML document, which loads with the same hash; see `hzdsl.text.write`."""
    from hzdsl.text.write import to_toml as written

    return written(analysis)


@_located
def to_adl(analysis: Any) -> str:
    """Return an analysis as ADL, which loads with the same hash, as far as ADL can say it; see `hzdsl.text.write`."""
    from hzdsl.text.write import to_adl as written

    return written(analysis)


@_located
def to_latex(analysis: Any) -> str:
    """Return the selection of an analysis as LaTeX tables for a paper; see `hzdsl.text.write`."""
    from hzdsl.text.write import to_latex as written

    return written(analysis)


@_located
def _to_toml(self: Analysis, path: str | os.PathLike[str]) -> None:
    """Write the analysis as a TOML document."""
    from hzdsl.text.write import write_toml

    write_toml(self, path)


Analysis.to_toml = _to_toml  # type: ignore[attr-defined]


@_located
def _run(self: Analysis, files: Any = None, *, parameters: Any = None, **options: Any) -> Any:
    """Run the analysis and return its result; see `hzdsl.run.run` for the options.

    `parameters` are numbers (in GeV, cm, ns, pb) or quantities by name.
    """
    from hzdsl.run import run

    document = self.document()
    if parameters:
        from hzdsl.text.overrides import fitted, parameter_named

        parameters = {name: fitted(parameter_named(name, document), x) for name, x in parameters.items()}
    return run(document, _as_text(files), parameters=parameters, **options)


Analysis.run = _run  # type: ignore[attr-defined]
_bind()
_print_errors()
_document((Value, Object, Collection, _Single, _Sum, Events))
