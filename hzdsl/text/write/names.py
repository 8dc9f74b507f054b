"""Names in a written document: those that the author gave, and readable ones for shared parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Schema
from hzdsl.ir.analysis import Document
from hzdsl.ir.axes import EVENT, leaf_axes, leg_axes, stored
from hzdsl.ir.node import Node, topological
from hzdsl.ir.types import DType
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.functions import RESERVED as CALLED
from hzdsl.lang.kinematics import COMPONENTS, DERIVED
from hzdsl.text.nano.functions import DIALECT_FUNCTIONS
from hzdsl.text.scope import CONSTANTS

#: Words of the grammar.
WORDS = {"ev", "and", "or", "not"}
#: Names with a meaning of their own in the grammar or the dialects.
RESERVED = {*WORDS, "event", "sample", "leading", "p4", "exists"}
#: Kinds of axes, as generated names call them.
KINDS = {"choose": "candidates", "product": "pairs", "per": "each"}


def attributes(schema: Schema) -> set[str]:
    """Return every name that could be an attribute of an object."""
    stored = {name for o in schema.objects.values() for name in o.fields}
    legs = {f"leg{k}" for k in range(1, 17)}
    return {*stored, *COMPONENTS, *DERIVED, *legs, "p4", "charge", "flavor"}


def need_names_of_text(document: Document) -> None:
    """Raise ``name-twice`` where a parameter, which is set by its name, is called like something else in the text."""
    used = inputs_of([*document.roots(), *(node for _, node in document.definitions)])
    for p in document.parameters:
        word = p.name in {*CALLED, *DIALECT_FUNCTIONS, *CONSTANTS, *WORDS}
        if word or p.name in used:
            of = "a word of the language" if word else "an input that the analysis uses"
            what = f"parameter '{p.name}' cannot be written: in text, that is {of}"
            raise HzdslError("name-twice", what, fix="rename the parameter")


def inputs_of(nodes: Iterable[Node]) -> set[str]:
    """Return what the inputs of some nodes are called: collections, and objects and branches of the event."""
    seen = topological(nodes)
    lists = {n.text("name") for n in seen if n.op == "collection"}
    singles = {n.text("attr") or n.text("name") for n in seen if n.op == "column" and n.args[0] is EVENT}
    return {name.partition(".")[0] for name in lists | singles}


def _item(axis: Node) -> str:
    """Return how an item of a stored collection, or of a row, is called."""
    return "row" if axis.op == "row" else axis.text("name").lower()


class Namer:
    """Gives names that nothing else has.

    Parameters
    ----------
    schema : Schema
        The input, whose names are taken.
    document : Document
        Its parameters' names are taken, too; its definitions are used where they can be.
    units : collection of str
        The names of units that no definition can have, for they stand in the texts; all, where that is not known.

    Attributes
    ----------
    given : mapping of Node to str
        What the author's definitions are called.
    renamed : set of str
        The author's names that had to be mended.
    functions : tuple of FunctionOfFile
        The functions of files, each under a name that nothing else has.
    """

    def __init__(self, schema: Schema, document: Document, units: Collection[str] = UNITS) -> None:
        self.hidden = attributes(schema)
        self._taken = {*FUNCTIONS, *DIALECT_FUNCTIONS, *CONSTANTS, *units, *RESERVED, *schema.names()}
        self._taken |= {p.name for p in document.parameters}
        self._numbers: dict[str, int] = {}
        self.renamed: set[str] = set()
        self.functions = tuple(replace(f, name=self.free(f.name)) for f in document.functions)
        self.given: Mapping[Node, str] = self._given(document.definitions)

    def _given(self, definitions: Iterable[tuple[str, Node]]) -> dict[Node, str]:
        found: dict[Node, str] = {}
        for name, node in definitions:
            at = node.args[0] if node.op == "self" else node
            if at not in found and at.op not in ("param", "event", "collection"):
                found[at] = self.free(name)
                self.renamed |= {name} - {found[at]}
        return found

    def free(self, name: str) -> str:
        """Return a name, mended until it is one and nothing else has it."""
        name = re.sub(r"\W", "_", name)
        name = name if name and not name[0].isdigit() else f"_{name}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def fresh(self, node: Node) -> str:
        """Return a readable name of a part: ``muon_1`` for a selection of muons, ``cut_1`` for a condition."""
        base = self._base(node)
        while True:
            self._numbers[base] = self._numbers.get(base, 0) + 1
            name = f"{base}_{self._numbers[base]}"
            if name not in self._taken and name not in self.hidden and name not in UNITS:
                self._taken.add(name)
                return name

    def _base(self, node: Node) -> str:
        axis = node if node.is_axis else node.type.target
        if axis is not None:
            leaves = dict.fromkeys(_item(leaf) for slot in leaf_axes(axis) for leaf in slot)
            base = "_".join(leaves) or "object"
            if not node.is_axis:
                base += {1: "", 2: "_pair", 3: "_triple"}.get(len(leg_axes(stored(axis))) or 1, "_candidate")
            return re.sub(r"\W", "_", f"{base}_{KINDS[axis.op]}" if axis.op in KINDS and node.is_axis else base)
        if node.type.dtype is DType.LABEL:
            return "category"
        return "cut" if node.type.dtype is DType.BOOL else "value"
