"""The dialect's weights: ``[weight]``, a product of numbers; ``[[systematic]]``, which varies the weight 1; and the
scale factors of ``[[correction]]``, products over the objects of a collection.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.collections import Collection
from hzdsl.lang.functions import FUNCTIONS, described
from hzdsl.lang.values import Value
from hzdsl.text.at import at
from hzdsl.text.calls import reduced
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Steps, entry_at
from hzdsl.text.nano.corrections import variation_name
from hzdsl.text.nano.payloads import Payload, corrections
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.scope import Scope
from hzdsl.text.source import NANO_SPEC


def declare_dialect_weights(analysis: Analysis, file: DocumentFile, elaborator: Elaborator) -> None:
    """Declare the weights of these blocks."""

    def declare(name: str, value: Any, path: Path) -> None:
        with at(file.key_place(*path)):
            analysis.weight(name, value)

    if file.get("weight") is not None:
        declare("nominal", math.prod(map(float, file.get("weight", "nominal") or ())), ("weight",))
    for i, table in file.items("systematic"):
        with at(file.key_place("systematic", i)):
            varied = _varied(1.0, table["name"], table["up"], table["down"])
        declare(table["name"], varied, ("systematic", i))
    for path, table in corrections(file, "scale_factor"):
        entry = entry_at(file, path, steps=lambda _, path=path, table=table: _scale_factor(file, path, table))
        declare(_name(table), elaborator.run(entry, Scope(entry.source)), path)
    if file.dialect != NANO_SPEC:
        _check_systematics(file)


def _varied(nominal: Any, name: str, up: Any, down: Any) -> Value:
    return FUNCTIONS["vary"](nominal, **{name: (up, down)})  # type: ignore[no-any-return]


def _name(table: Mapping[str, Any]) -> str:
    return str(table.get("name", table["correction"]))


def _scale_factor(file: DocumentFile, path: Path, table: Mapping[str, Any]) -> Steps:
    """Return the product over a collection of a correction's values, perhaps with its variation."""
    source = file.source(table["collection"], *path, "collection")
    collection = yield parse_expression(source), Scope(source)
    if not isinstance(collection, Collection):
        place = file.value_place(*path, "collection")
        raise HzdslError("arguments", f"{described(collection)} is no collection", place=place)
    payload = Payload(file, path)
    inputs = yield from payload.inputs(collection)
    systematic = table.get("systematic")
    if not systematic:
        return reduced("prod", collection, payload.value(inputs))
    kinds = systematic.get("nominal", "nominal"), systematic["up"], systematic["down"]
    values = [payload.value({**inputs, systematic["name"]: kind}) for kind in kinds]
    nominal, up, down = (reduced("prod", collection, x) for x in values)
    return _varied(nominal, _name(table), up, down)


def _check_systematics(file: DocumentFile) -> None:
    """Refuse the name of a variation that nothing makes; in its own dialect the list is of names only."""
    made = {variation_name(table) for _, table in corrections(file, "scale", "jes")}
    for i, name in file.items("systematics"):
        varied = name.rpartition("_")[0]
        if name != "nominal" and varied not in made:
            fix = f'a [[correction]] with name = "{varied}"'
            place = file.value_place("systematics", i)
            raise HzdslError("name-unknown", f"nothing varies as '{name}' says", fix=fix, place=place)
