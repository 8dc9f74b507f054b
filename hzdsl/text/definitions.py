"""The definitions of a document: parameters, `define` blocks, the seed's blocks, and those of included files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.lang.events import Events
from hzdsl.lang.functions import FUNCTIONS, plain_number
from hzdsl.lang.parameters import param, parameter
from hzdsl.lang.values import Value
from hzdsl.text.corrections import add_corrections
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Entry, Names, Steps, entry_at
from hzdsl.text.nano.blocks import add_blocks
from hzdsl.text.parser import parse_block, parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.reading import is_endless, read_document
from hzdsl.text.scope import Scope
from hzdsl.text.source import Source
from hzdsl.text.validation import validate


def setting(file: DocumentFile, key: str) -> tuple[Any, Path]:
    """Return what ``[analysis]`` or the top of the file says of `key`, and where; None where neither does."""
    inner, outer = file.get("analysis", key), file.get(key)
    if inner is not None and outer is not None and key != "define":
        place = file.key_place("analysis", key)
        raise HzdslError("name-twice", f"'{key}' stands both in [analysis] and above it", place=place)
    return (outer, (key,)) if inner is None else (inner, ("analysis", key))


def add_definitions(names: Names, file: DocumentFile) -> list[Value]:
    """Add every definition of a file and of those it includes; return the file's own parameters."""
    _add_included(names, file, ((file.folder / file.name).resolve(),), set())
    return _add_own(names, file)


def _add_included(names: Names, file: DocumentFile, chain: tuple[FilePath, ...], seen: set[FilePath]) -> None:
    """Add the definitions of included files, of each file once; a file that includes itself is refused."""
    included, path = setting(file, "include")
    for i, text in enumerate([included] if isinstance(included, str) else included or ()):
        place = file.value_place(*(path if isinstance(included, str) else (*path, i)))
        target = _resolved(file, text, place)
        if target in chain:
            circle = " → ".join(p.name for p in (*chain[chain.index(target) :], target))
            raise HzdslError("cycle", f"{target.name} includes itself: {circle}", place=place)
        if target in seen:
            continue
        seen.add(target)
        try:
            library = replace(read_document(target), asked=file.dialect)
        except HzdslError as e:
            raise e.at(place) from None
        validate(library)
        _check_dialect(file, library, place)
        _add_included(names, library, (*chain, target), seen)
        _add_own(names, library)


def _check_dialect(file: DocumentFile, library: DocumentFile, place: Place) -> None:
    if library.dialect != file.dialect:
        what = f"{library.name} is written in dialect '{library.dialect}', and {file.name} is not"
        raise HzdslError("meaning-differs", what, fix="keep to one dialect", place=place)


def _resolved(file: DocumentFile, text: str, place: Place) -> FilePath:
    try:
        found = (file.folder / text).resolve()
        if is_endless(found):
            raise HzdslError("file-missing", f"{found} is no file of text", place=place)
        return found
    except (OSError, ValueError, RuntimeError) as e:  # a NUL character; a circle of links
        raise HzdslError("file-missing", f"cannot read {text!r}: {e}", place=place) from None


def _add_own(names: Names, file: DocumentFile) -> list[Value]:
    parameters = []
    for name in file.get("parameters") or {}:
        made = _parameter(names, file, name)
        names.add(entry_at(file, ("parameters", name), value=made))
        parameters.append(made)
    add_corrections(names, file)
    for path in (("define",), ("analysis", "define")):
        if file.get(*path) is not None:
            _add_block(names, file.source(file.get(*path), *path))
    _add_block(names, Source(file.name, file.definitions, dialect=file.dialect))
    _add_categories(names, file)
    add_blocks(names, file)
    return parameters


def _add_categories(names: Names, file: DocumentFile) -> None:
    for name, conditions in (file.get("categories") or {}).items():
        names.add(entry_at(file, ("categories", name), steps=_category(file, name, conditions)))


def _category(file: DocumentFile, name: str, conditions: Mapping[str, str]) -> Callable[[Scope], Steps]:
    def steps(scope: Scope) -> Steps:
        found = {}
        for label, text in conditions.items():
            source = file.source(text, "categories", name, label)
            found[label] = yield parse_expression(source), Scope(source, chain=scope.chain)
        return FUNCTIONS["category"](found)

    return steps


def _add_block(names: Names, source: Source) -> None:
    for d in parse_block(source):
        names.add(Entry(d.name, source, d.start, d.end, formula=d))


# ---- parameters ----


def _parameter(names: Names, file: DocumentFile, name: str) -> Value:
    path: Path = ("parameters", name)
    table = file.get(*path)
    bounds, doc = None, ""
    if isinstance(table, dict):
        doc = table.get("doc", "")
        bounds = [_constant(file, b, (*path, "bounds", i)) for i, b in enumerate(table.get("bounds", ()))] or None
        table, path = table["default"], (*path, "default")
    default = _constant(file, table, path)
    try:
        made = param(name, default, bounds=None if bounds is None else (bounds[0], bounds[1]), doc=doc)
        parameter(made.node)  # the default is within its bounds
        return made
    except HzdslError as e:
        raise e.at(file.value_place(*path)) from None


def _constant(file: DocumentFile, x: Any, path: Path) -> Any:
    """Return a number, bool or quantity of the document; a text is an expression of numbers and units."""
    return constant(file.source(x, *path)) if isinstance(x, str) else x


def constant(source: Source) -> Any:
    """Return the plain number or quantity that an expression of numbers and units stands for.

    Raises
    ------
    HzdslError
        ``parameter`` where it is none.
    """
    from hzdsl.io.schema import Schema

    value = Elaborator(Names(Events(Schema("constants")))).run(parse_expression(source), Scope(source))
    if not plain_number(value):
        place = source.place(0, len(source.text))
        raise HzdslError(
            "parameter", f"'{source.text}' is no number", fix="write a number or a quantity: 5 GeV", place=place
        )
    return value
