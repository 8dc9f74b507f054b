"""Reading a file of corrections to records; a mistake is said with its path in the file."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable
from typing import Any

from hzdsl.corrections.records import (
    Binning,
    Category,
    Compound,
    Content,
    Correction,
    Edges,
    Formula,
    HashPrng,
    Transform,
    Uniform,
    Variable,
)
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.jsonfile import read_json

SCHEMA_VERSION = 2
_INFINITE = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


def read_correction(path: str, name: str) -> Correction | Compound:
    """Return one correction of a file.

    Raises
    ------
    HzdslError
        ``name-unknown`` where the file has none of that name; ``spec-format`` and ``spec-value`` for a file that is
        no payload of schema version 2.
    """
    return _Reader(path, read_json(path)).correction(name)


class _Reader:
    """One file; methods take a value of the JSON document and where it stands."""

    def __init__(self, path: str, document: Any) -> None:
        self._file = os.path.basename(path)
        version = document.get("schema_version") if isinstance(document, dict) else None
        if version is None:
            raise HzdslError("spec-format", f"{self._file} is no file of correctionlib: it has no schema_version")
        if version != SCHEMA_VERSION:
            what = f"{self._file} has schema version {version!r}, and version {SCHEMA_VERSION} is read"
            raise HzdslError("spec-format", what, fix="convert it: correction convert, of the correctionlib package")
        self._plain = self._by_name(document, "corrections")
        self._compound = self._by_name(document, "compound_corrections")
        self._inputs: dict[str, Variable] = {}
        self._generic: list[Formula] = []

    def _by_name(self, document: Any, key: str) -> dict[str, tuple[Any, str]]:
        items = self._list(document.get(key) or [], key)
        return {self._text(x, "name", f"{key}[{i}]"): (x, f"{key}[{i}]") for i, x in enumerate(items)}

    def names(self) -> list[str]:
        return [*self._plain, *self._compound]

    def correction(self, name: str) -> Correction | Compound:
        if name in self._plain:
            return self._correction(*self._plain[name])
        if name in self._compound:
            return self._stacked(*self._compound[name])
        known = self.names()
        fix = did_you_mean(name, known) or f"it holds {', '.join(known[:20])}{' …' if len(known) > 20 else ''}"
        raise HzdslError("name-unknown", f"{self._file} holds no correction '{name}'", fix=fix)

    # ---- corrections ----

    def _correction(self, x: Any, at: str) -> Correction:
        inputs = self._variables(x, at)
        self._inputs = {v.name: v for v in inputs}
        generic = self._list(x.get("generic_formulas") or [], f"{at}.generic_formulas")
        self._generic = [self._formula(f, f"{at}.generic_formulas[{i}]") for i, f in enumerate(generic)]
        try:
            data = self._content(x.get("data"), f"{at}.data")
        except RecursionError:
            raise self._wrong(at, "is nested too deeply") from None
        return Correction(x["name"], str(x.get("description") or ""), inputs, data)

    def _stacked(self, x: Any, at: str) -> Compound:
        inputs = self._variables(x, at)
        ops = {k: self._one_of(x, k, at, allowed) for k, allowed in (("input_op", "+*/"), ("output_op", "+*/"))}
        kinds = {v.name: v.kind for v in inputs}
        updated = tuple(self._texts(x.get("inputs_update"), f"{at}.inputs_update"))
        for name in updated:
            if kinds.get(name) != "real":
                raise self._wrong(f"{at}.inputs_update", f"names '{name}', which is no real input")
        stack = []
        for name in self._texts(x.get("stack"), f"{at}.stack"):
            if name not in self._plain:
                raise self._wrong(f"{at}.stack", f"names '{name}', which the file does not hold")
            stack.append(self._correction(*self._plain[name]))
            lacking = [v.name for v in stack[-1].inputs if kinds.get(v.name) != v.kind]
            if lacking:
                raise self._wrong(f"{at}.inputs", f"lacks '{lacking[0]}', an input of '{name}'")
        if not stack:
            raise self._wrong(f"{at}.stack", "is empty")
        said = str(x.get("description") or "")
        return Compound(x["name"], said, inputs, updated, ops["input_op"], ops["output_op"], tuple(stack))

    def _variables(self, x: Any, at: str) -> tuple[Variable, ...]:
        found = []
        for i, v in enumerate(self._list(x.get("inputs"), f"{at}.inputs")):
            where = f"{at}.inputs[{i}]"
            kind = self._one_of(v, "type", where, ("real", "int", "string"))
            found.append(Variable(self._text(v, "name", where), kind, str(v.get("description") or "")))
        return tuple(found)

    # ---- contents ----

    def _content(self, x: Any, at: str) -> Content:
        if isinstance(x, int | float) and not isinstance(x, bool):
            return self._number(x, at)
        kinds: dict[str, Callable[[Any, str], Content]] = {
            "binning": self._binning,
            "multibinning": self._multibinning,
            "category": self._category,
            "formula": self._formula,
            "formularef": self._reference,
            "transform": self._transform,
            "hashprng": self._prng,
        }
        kind = str(x.get("nodetype")) if isinstance(x, dict) else ""
        if kind == "lwtnn":
            fix = "leave the network out of the file, or evaluate it before and store its result in the ntuple"
            raise HzdslError("unsupported", f"{self._file}: {at} is a neural network (lwtnn)", fix=fix)
        if kind not in kinds:
            raise self._wrong(at, f"is neither a number nor one of {', '.join(kinds)}")
        return kinds[kind](x, at)

    def _binning(self, x: Any, at: str) -> Binning:
        return self._grid(x, at, [x.get("input")], [x.get("edges")], multi=False)

    def _multibinning(self, x: Any, at: str) -> Binning:
        inputs, edges = (self._list(x.get(k), f"{at}.{k}") for k in ("inputs", "edges"))
        if len(inputs) != len(edges) or not inputs:
            raise self._wrong(at, f"has {len(inputs)} inputs and {len(edges)} rows of edges")
        return self._grid(x, at, inputs, edges, multi=True)

    def _grid(self, x: Any, at: str, names: list[Any], edges: list[Any], multi: bool) -> Binning:
        inputs = tuple(self._input(n, f"{at}.input", ("real", "int")) for n in names)
        binned = tuple(self._edges(e, f"{at}.edges") for e in edges)
        content = self._list(x.get("content"), f"{at}.content")
        cells = math.prod(e.n if isinstance(e, Uniform) else len(e) - 1 for e in binned)
        if cells != len(content):
            raise self._wrong(f"{at}.content", f"has {len(content)} entries for {cells} bins")
        flow, default = x.get("flow"), None
        if flow not in ("clamp", "error", "wrap"):
            flow, default = "value", self._content(flow, f"{at}.flow")
        nodes = tuple(self._content(c, f"{at}.content[{i}]") for i, c in enumerate(content))
        return Binning(inputs, binned, nodes, flow, default, multi)

    def _edges(self, x: Any, at: str) -> Edges:
        if isinstance(x, dict):
            n, low, high = x.get("n"), self._number(x.get("low"), at), self._number(x.get("high"), at)
            if not isinstance(n, int) or n < 1 or not low < high:
                raise self._wrong(at, f"is no binning: n = {n!r} from {low} to {high}")
            return Uniform(n, low, high)
        edges = tuple(self._number(_INFINITE.get(e, e) if isinstance(e, str) else e, at) for e in self._list(x, at))
        if len(edges) < 2 or not all(a < b for a, b in itertools.pairwise(edges)):
            raise self._wrong(at, "does not ascend")
        return edges

    def _category(self, x: Any, at: str) -> Category:
        name = self._input(x.get("input"), f"{at}.input", ("int", "string"))
        wanted = str if self._inputs[name].kind == "string" else int
        found: dict[str | int, Content] = {}
        for i, item in enumerate(self._list(x.get("content"), f"{at}.content")):
            where = f"{at}.content[{i}]"
            key = item.get("key") if isinstance(item, dict) else None
            if not isinstance(key, wanted) or isinstance(key, bool):
                raise self._wrong(where, f"needs a key of type {self._inputs[name].kind}, not {key!r}")
            if key in found:
                raise self._wrong(where, f"repeats the key {key!r}")
            found[key] = self._content(item.get("value"), f"{where}.value")
        default = x.get("default")
        return Category(
            name, tuple(found.items()), None if default is None else self._content(default, f"{at}.default")
        )

    def _formula(self, x: Any, at: str) -> Formula:
        self._one_of(x, "parser", at, ("TFormula",))
        names = tuple(self._input(n, f"{at}.variables", ("real",)) for n in self._list(x.get("variables"), at))
        given = x.get("parameters")
        values = None if given is None else tuple(self._number(p, f"{at}.parameters") for p in self._list(given, at))
        return Formula(self._text(x, "expression", at), names, values)

    def _reference(self, x: Any, at: str) -> Formula:
        i = x.get("index")
        if not isinstance(i, int) or not 0 <= i < len(self._generic):
            raise self._wrong(f"{at}.index", f"is {i!r}, and there are {len(self._generic)} generic formulas")
        values = tuple(self._number(p, f"{at}.parameters") for p in self._list(x.get("parameters"), f"{at}.parameters"))
        return Formula(self._generic[i].expression, self._generic[i].variables, values)

    def _transform(self, x: Any, at: str) -> Transform:
        name = self._input(x.get("input"), f"{at}.input", ("real", "int"))
        return Transform(
            name, self._content(x.get("rule"), f"{at}.rule"), self._content(x.get("content"), f"{at}.content")
        )

    def _prng(self, x: Any, at: str) -> HashPrng:
        names = tuple(self._input(n, f"{at}.inputs", ("real", "int")) for n in self._list(x.get("inputs"), at))
        if not names:
            raise self._wrong(f"{at}.inputs", "is empty")
        return HashPrng(names, self._one_of(x, "distribution", at, ("stdflat", "stdnormal", "normal")))

    # ---- small things ----

    def _input(self, name: Any, at: str, kinds: tuple[str, ...]) -> str:
        found = self._inputs.get(name) if isinstance(name, str) else None
        if found is None:
            raise self._wrong(at, f"names {name!r}, which is no input of the correction")
        if found.kind not in kinds:
            raise self._wrong(at, f"names '{name}', an input of type {found.kind} where {' or '.join(kinds)} belongs")
        return found.name

    def _number(self, x: Any, at: str) -> float:
        if not isinstance(x, int | float) or isinstance(x, bool):
            raise self._wrong(at, f"holds {x!r} where a number belongs")
        try:
            return float(x)
        except OverflowError:
            raise self._wrong(at, "holds a number that is too large") from None

    def _texts(self, x: Any, at: str) -> list[str]:
        found = self._list(x, at)
        if not all(isinstance(t, str) for t in found):
            raise self._wrong(at, "is no list of names")
        return found

    def _list(self, x: Any, at: str) -> list[Any]:
        if not isinstance(x, list):
            raise self._wrong(at, "is no list")
        return x

    def _text(self, x: Any, key: str, at: str) -> str:
        found = x.get(key) if isinstance(x, dict) else None
        if not isinstance(found, str):
            raise self._wrong(at, f"has no '{key}'")
        return found

    def _one_of(self, x: Any, key: str, at: str, allowed: Any) -> str:
        found = x.get(key) if isinstance(x, dict) else None
        if not isinstance(found, str) or (found not in tuple(allowed) and not (key == "output_op" and found == "last")):
            raise self._wrong(f"{at}.{key}", f"is {found!r}, not one of {', '.join(allowed)}")
        return found

    def _wrong(self, at: str, what: str) -> HzdslError:
        return HzdslError("spec-value", f"{self._file}: {at} {what}")
