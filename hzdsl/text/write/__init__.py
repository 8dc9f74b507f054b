"""Analyses as documents: what Python built, written as TOML, JSON or YAML that reads back with the same hash."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document, Number
from hzdsl.text.reading import read_text
from hzdsl.text.write.content import content
from hzdsl.text.write.latex import latex_text, markdown_text
from hzdsl.text.write.names import need_names_of_text
from hzdsl.text.write.toml import toml_text
from hzdsl.text.write.update import updated
from hzdsl.urls import is_url

__all__ = [
    "FORMS",
    "content",
    "to_adl",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_toml",
    "to_yaml",
    "update",
    "updated",
    "write_toml",
]


NO_VALUES: Mapping[str, Number] = MappingProxyType({})


def _document(analysis: Any) -> Document:
    document = getattr(analysis, "document", analysis)
    found = document() if callable(document) else document
    if not isinstance(found, Document):
        raise HzdslError("arguments", f"{analysis!r} is no analysis", fix="give a hz.Analysis, or what hz.load gives")
    return found


def to_toml(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    """Return an analysis as a TOML document, which loads with the same hash.

    Parameters
    ----------
    analysis : Analysis, Loaded or Document
        What is written.
    values : mapping of str to number, optional
        Parameters that are set to something else than their defaults, each in its own unit.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev, ana = hz.events("nanoaod"), hz.Analysis("dimuon")
    >>> _ = ana.region("two", hz.count(ev.Muon) == 2)
    >>> print(hz.to_toml(ana))
    [analysis]
    name = "dimuon"
    schema = "nanoaod"
    <BLANKLINE>
    [regions.two]
    require = ["count(Muon) == 2"]
    <BLANKLINE>
    """
    return toml_text(_to_be_read(analysis, values))


def _to_be_read(analysis: Any, values: Mapping[str, Number]) -> dict[str, Any]:
    document = _document(analysis)
    need_names_of_text(document)
    return content(document, values)


def to_json(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    """Return the same content as JSON."""
    return json.dumps(_to_be_read(analysis, values), indent=1, ensure_ascii=False) + "\n"


def to_yaml(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    """Return the same content as YAML."""
    import yaml

    def text(own: Any, x: str) -> Any:
        return own.represent_scalar("tag:yaml.org,2002:str", x, style="|" if "\n" in x else None)

    dumper: Any = type("Dumper", (yaml.SafeDumper,), {})  # texts of several lines as blocks
    dumper.add_representer(str, text)
    return str(yaml.dump(_to_be_read(analysis, values), Dumper=dumper, sort_keys=False, allow_unicode=True, width=120))


def to_latex(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    """Return the selection of an analysis as LaTeX tables: definitions, and the requirements of each region."""
    return latex_text(content(_document(analysis), values))


def to_markdown(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    """Return the selection of an analysis as Markdown tables, with formulae between dollars."""
    return markdown_text(content(_document(analysis), values))


def to_adl(analysis: Any, values: Mapping[str, Number] = NO_VALUES) -> str:
    r"""Return an analysis as ADL, the Analysis Description Language, which loads with the same hash.

    Parameters
    ----------
    analysis : Analysis, Loaded or Document
        What is written.
    values : mapping of str to number, optional
        None: ADL has no parameters, and none are written.

    Raises
    ------
    HzdslError
        ``unsupported``, naming everything that ADL cannot say: TOML says all of it.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev, ana = hz.events("nanoaod"), hz.Analysis("dimuon")
    >>> muons = ev.Muon[ev.Muon.pt > 10 * hz.GeV]
    >>> ana.define(muons=muons)
    >>> _ = ana.region("two", hz.count(muons) == 2)
    >>> print(hz.to_adl(ana), end="")
    info analysis
      title "dimuon"
    <BLANKLINE>
    object muons
      take Muon
      select pT > 10
    <BLANKLINE>
    region two
      select size(muons) == 2
    """
    from hzdsl.text.write.adl import adl_text

    return adl_text(_document(analysis))


def write_toml(analysis: Any, path: str | os.PathLike[str]) -> None:
    """Write an analysis as a TOML file; files are named as seen from its folder."""
    document, target = _document(analysis), Path(path)
    functions = tuple(
        replace(f, settings={**f.settings, "file": _moved(str(f.settings["file"]), ".", target.parent, True)})
        for f in document.functions
    )
    samples = tuple(
        replace(s, files=tuple(_moved(f, document.folder, target.parent) for f in s.files),
                templates={k: (_moved(f, document.folder, target.parent), n) for k, (f, n) in s.templates.items()})
        for s in document.samples
    )  # fmt: skip
    _save(target, to_toml(replace(document.with_samples(samples), functions=functions)))


def _moved(file: str, old: str, new: Path, also_absolute: bool = False) -> str:
    if is_url(file) or (os.path.isabs(file) and not also_absolute):
        return file
    return Path(os.path.relpath(os.path.join(old, file), new)).as_posix()


def update(path: str | os.PathLike[str], values: Mapping[str, Any]) -> None:
    """Change values of a TOML file where they stand; comments, order and layout survive. See `updated` for the keys."""
    target = Path(path)
    _save(target, updated(read_text(target), values))


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as e:
        raise HzdslError("file-missing", f"cannot write {path}: {e.strerror}") from None


#: What ``hzdsl show --format`` writes beside its tables.
FORMS = {"toml": to_toml, "yaml": to_yaml, "latex": to_latex, "md": to_markdown, "adl": to_adl}
