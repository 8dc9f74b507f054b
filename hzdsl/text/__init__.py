"""The text form: TOML, YAML and JSON documents that hold expressions, elaborated through the surface that Python uses.

A document is data: nothing in it is run, and no Python name can be reached from it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.events import Events
from hzdsl.text.document import Reader
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.loaded import Loaded, Settings
from hzdsl.text.names import Entry, Names
from hzdsl.text.nano.models import Providers
from hzdsl.text.overrides import parse_override
from hzdsl.text.parser import parse_block
from hzdsl.text.parser import parse_expression as _tree
from hzdsl.text.program import load_python
from hzdsl.text.reading import parse_document, read_text
from hzdsl.text.scope import Scope
from hzdsl.text.source import Source

__all__ = ["Loaded", "load", "load_python", "loads", "parse_expression", "parse_override"]


def load(
    path: str | Path,
    *,
    config: str | Path | None = None,
    set: Settings | None = None,
    dialect: str = "",
    providers: Providers = MappingProxyType({}),
) -> Loaded:
    """Return the analysis or library of a TOML, YAML, JSON or ADL file (or of a ``.py`` program).

    Parameters
    ----------
    path : path
        The file.
    config : path, optional
        A steering file that sets parameters, luminosity and samples.
    set : list of str or mapping, optional
        New values of parameters: ``["muon_min_pt=7GeV"]`` or ``{"muon_min_pt": 7}``.
    dialect : str, optional
        ``"nano-spec"`` to read a document that names no dialect in that one.
    providers : mapping of str to function, optional
        What computes the models (``[[model]]``) of a document: functions of their inputs, over expressions.

    Raises
    ------
    HzdslError
        For anything wrong in the files, with its place.
    """
    path = Path(path)
    if path.suffix == ".py":
        if dialect:
            raise HzdslError("spec-value", f"{path.name} is a program, and has no dialect", fix="leave --dialect away")
        return load_python(path, config=config, set=set)
    text = read_text(path)
    return loads(text, path.name, folder=path.parent, config=config, set=set, dialect=dialect, providers=providers)


def loads(
    text: str,
    name: str = "analysis.toml",
    *,
    folder: str | Path = ".",
    config: str | Path | None = None,
    set: Settings | None = None,
    dialect: str = "",
    providers: Providers = MappingProxyType({}),
) -> Loaded:
    r"""Return the analysis or library of a text.

    Examples
    --------
    >>> loads('[regions.two]\nrequire = ["count(Muon) == 2"]').document.regions[0].cuts[0].label
    'count(Muon) == 2'
    """
    try:
        return Loaded(*_read(text, name, Path(folder), dialect, providers), config, set)
    except RecursionError:
        raise HzdslError(
            "syntax",
            f"{name}: selections, regions or files build on one another in too many steps",
            fix="use fewer selections of selections",
        ) from None


def _read(text: str, name: str, folder: Path, dialect: str, providers: Providers) -> tuple[Analysis, Elaborator]:
    """Return the analysis of a text in the language that the suffix of its name says, and its definitions."""
    if name.endswith(".adl"):
        if dialect:
            raise HzdslError("spec-value", f"{name} is ADL, and has no dialect", fix="leave --dialect away")
        from hzdsl.text.adl import read_adl

        return read_adl(text, name, folder)
    reader = Reader(replace(parse_document(text, name, folder), asked=dialect), providers)
    return reader.read(), reader.elaborator


def parse_expression(text: str, ev: Events, definitions: str = "", name: str = "expression") -> Any:
    """Return the surface value of an expression over the events `ev`, perhaps with a block of definitions.

    Examples
    --------
    >>> import hzdsl as hz
    >>> parse_expression("count(good) == 4", hz.events(), "good = Muon[pt > 5 GeV]")
    <count(Muon[Muon.pt > 5 GeV]) == 4 : bool @ event>
    """
    above, _, last = text.rpartition("\n") if "\n" in text and "=" in text else ("", "", text)
    text, definitions = (last, f"{definitions}\n{above}") if above else (text, definitions)
    names, block = Names(ev), Source("definitions", definitions)
    for d in parse_block(block):
        names.add(Entry(d.name, block, d.start, d.end, formula=d))
    source = Source(name, text)
    return Elaborator(names).run(_tree(source), Scope(source))
