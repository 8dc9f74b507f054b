"""The nano-spec dialect's blocks of weights and corrections, each as an expression of this language.

``[weight]`` is a product of numbers, ``[[systematic]]`` varies the weight 1. Of the corrections, `scale` and `jes`
vary an attribute of a collection of the input, so that all that is made of it follows; `scale_factor` is a weight:
the product of a correctionlib value over the objects of a collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.payloads import correction as payload
from hzdsl.text.at import at
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Entry
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.scope import Scope
from hzdsl.text.source import Source

_NEEDED = {
    "scale": ("attr", "up", "down"),
    "jes": ("file", "correction", "inputs"),
    "scale_factor": ("file", "correction", "inputs"),
}


class Expansions:
    """The blocks of one document, as expressions over its definitions."""

    def __init__(self, analysis: Any, file: DocumentFile, elaborator: Elaborator) -> None:
        self._analysis, self._file, self._elaborator = analysis, file, elaborator

    def correct_inputs(self) -> None:
        """Let collections of the input have the attributes that `scale` and `jes` vary."""
        for i, table in self._file.items("correction"):
            path: Path = ("correction", i)
            self._check(table, path)
            if table["kind"] != "scale":
                self._add_payload(table, path)
            if table["kind"] != "scale_factor":
                self._vary(table, path)

    def declare_weights(self) -> None:
        """Declare the weights of ``[weight]``, ``[[systematic]]`` and of scale factors."""
        if self._file.get("weight") is not None:
            factors = " * ".join(repr(float(x)) for x in self._file.get("weight", "nominal")) or "1.0"
            self._weight("nominal", factors, ("weight", "nominal"))
        for i, table in self._file.items("systematic"):
            name = table["name"]
            bound = {k: table[k] for k in ("up", "down")}
            self._weight(name, f"vary(1.0, {name} = (up, down))", ("systematic", i), bound)
        for i, table in self._file.items("correction"):
            if table["kind"] == "scale_factor":
                self._scale_factor(table, ("correction", i))
        self._check_systematics()

    # ---- corrections ----

    def _check(self, table: Mapping[str, Any], path: Path) -> None:
        for key in _NEEDED[table["kind"]]:
            if key not in table:
                what = f"a correction of kind '{table['kind']}' lacks the key '{key}'"
                raise HzdslError("spec-key", what, place=self._file.key_place(*path))

    def _add_payload(self, table: Mapping[str, Any], path: Path) -> None:
        payload = _payload_of(self._file, table["file"], table["correction"], (*path, "file"))
        place = self._file.key_place(*path)
        self._elaborator.names.add(Entry(_payload(path), Source(place.source, place.text, place.line), value=payload))

    def _vary(self, table: Mapping[str, Any], path: Path) -> None:
        collection, attr = table["collection"], table.get("attr", "pt")
        found = self._elaborator.names.input(collection)
        if not isinstance(found, Collection):
            what = f"'{collection}' is no collection of the input"
            raise HzdslError("arguments", what, place=self._file.value_place(*path, "collection"))
        bound = {"corrected": found}
        if table["kind"] == "scale":
            name = table.get("name", f"{collection}_{attr}")
            bound |= {k: table[k] for k in ("up", "down")}
            text = f"corrected.assign({attr} = vary({attr}, {name} = ({attr} * up, {attr} * down)))"
        else:
            name, (inputs, constants) = table.get("name", "jes"), self._inputs(table)
            shift = f"{_payload(path)}({inputs})"
            text = f"corrected.assign({attr} = vary({attr}, {name} = ({attr} * (1 + {shift}), {attr} * (1 - {shift}))))"
            bound |= constants
        self._elaborator.names.replace_input(collection, self._value(text, path, bound))

    def _inputs(self, table: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the arguments of a payload as text, and what its constants are called there."""
        arguments, constants = [], {}
        for k, given in enumerate(table["inputs"]):
            source = given.get("from", given["name"])
            if "value" in given:
                source = f"value_{k}"
                constants[source] = given["value"]
            arguments.append(f"{given['name']} = {source}")
        return ", ".join(arguments), constants

    def _scale_factor(self, table: Mapping[str, Any], path: Path) -> None:
        inputs, bound = self._inputs(table)
        systematic = table.get("systematic")
        name = table.get("name", table["correction"])

        def product(kind: str) -> str:
            chosen = f", {systematic['name']} = {kind}" if systematic else ""
            return f"prod({table['collection']}, {_payload(path)}({inputs}{chosen}))"

        text = product("nominal")
        if systematic:
            bound |= {k: systematic[k] for k in ("nominal", "up", "down")}
            text = f"vary({text}, {name} = ({product('up')}, {product('down')}))"
        self._weight(name, text, path, bound)

    def _check_systematics(self) -> None:
        """Refuse the name of a variation that nothing makes."""
        made = {t.get("name", "jes") for _, t in self._file.items("correction") if t["kind"] != "scale_factor"}
        for i, name in self._file.items("systematics"):
            if name != "nominal" and name.rpartition("_")[0] not in made:
                what = f"nothing varies as '{name}' says"
                fix = f'a [[correction]] with name = "{name.rpartition("_")[0]}"'
                raise HzdslError("name-unknown", what, fix=fix, place=self._file.value_place("systematics", i))

    # ---- expressions ----

    def _weight(self, name: str, text: str, path: Path, bound: Mapping[str, Any] | None = None) -> None:
        value = self._value(text, path, bound or {})
        with at(self._file.key_place(*path)):
            self._analysis.weight(name, value)

    def _value(self, text: str, path: Path, bound: Mapping[str, Any]) -> Any:
        source = self._file.source(text, *path)
        return self._elaborator.run(parse_expression(source), Scope(source, bindings=bound))


def _payload(path: Path) -> str:
    return f"payload_{path[-1]}"


def _payload_of(file: DocumentFile, name: str, correction: str, path: Path) -> Any:
    """Return the function that a correction of a correctionlib file is; its path is relative to the document."""
    with at(file.value_place(*path)):
        return payload(name, correction, folder=file.folder)
