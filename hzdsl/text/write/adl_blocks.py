"""The definitions of a document as blocks of ADL: ``object``, ``composite``, ``define``, and what is chosen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from hzdsl.io.schema import Schema
from hzdsl.ir import analysis as ir
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl.words import PREDEFINED
from hzdsl.text.write.adl_expressions import SUM, UNARY, Speaker, held
from hzdsl.text.write.adl_objects import CHOOSING, NOWHERE, Element, Unsayable, is_collection
from hzdsl.text.write.adl_shapes import Shapes, is_number
from hzdsl.text.write.adl_tables import LookUp, named_after

#: What the filters of pairs say of their legs.
_FILTERS: Mapping[str, str] = MappingProxyType(
    {"opposite_charge": "q(l1)*q(l2) < 0", "same_charge": "q(l1)*q(l2) > 0", "same_flavor": "flavor(l1) == flavor(l2)"}
)
_SIZES: Mapping[str, int] = MappingProxyType({"pair": 2, "triple": 3})


@dataclass(frozen=True)
class Item:
    """Some lines of the file that say one thing.

    Parameters
    ----------
    what : str
        What they say, for messages.
    lines : tuple of str
        The lines.
    defines : str
        The name that they define, or give a meaning.
    of : tuple of str
        Where it stands in a document: a kind and names.
    nodes : tuple of Node
        What it has to be read as.
    """

    what: str
    lines: tuple[str, ...]
    defines: str = ""
    of: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()


def filled(h: ir.Histogram) -> tuple[Node, ...]:
    """Return the values, edges and numbers of bins of a histogram."""
    return tuple(n for a in h.axes for n in (a.node, *a.edges, *([a.bins] if a.bins else [])))


class Blocks:
    """Writes blocks; parts that have no name get one.

    Attributes
    ----------
    items : list of Item
        What has been written.
    unsaid : list of (str, str)
        What could not be: of what, and why.
    lost : set of str
        The names that are without a block, therefore.
    speaker : Speaker
        Writes expressions in terms of the blocks.
    """

    def __init__(
        self,
        bodies: Mapping[str, s.Expr],
        names: Mapping[str, str],
        nodes: Mapping[str, Node],
        own: Collection[str],
        schema: Schema,
    ) -> None:
        self._own = own
        self._nodes = {names[name]: node for name, node in nodes.items()}
        self.shapes = Shapes(bodies.items())
        self.speaker = Speaker(self.shapes, schema, names, self._collected, self._tabled)
        self.items: list[Item] = []
        self.unsaid: list[tuple[str, str]] = []
        self.lost: set[str] = set()
        self._bodies, self._names = bodies, names
        self._called = {self.shapes.number(body): names[name] for name, body in reversed(list(bodies.items()))}
        self._done: set[str] = set()
        self._shown = {called: name for name, called in names.items()}
        self._tables: dict[str, LookUp] = {}
        self._choices: dict[int, tuple[str, str]] = {}
        self._taken = {n.casefold() for n in (*names.values(), *schema.names(), *PREDEFINED)}

    def define(self, name: str) -> None:
        """Write a definition, and what it needs."""
        body = self._bodies[name]
        if is_collection(body):
            self._written(body, self._called[self.shapes.number(body)])
            return
        with_objects = isinstance(body, s.Slice) or (isinstance(body, s.Index) and is_number(body.key))
        try:
            text = self.speaker.object(body) if with_objects else self._value_or_object(body)
        except Unsayable as e:
            self._cannot(self._names[name], str(e))
            return
        self._add(self._names[name], [f"define {self._names[name]} = {text}"])

    def _cannot(self, name: str, why: str) -> None:
        """Note what cannot be said: of a definition, or of all that needs a part that has no name of its author's."""
        if self._shown.get(name, name) in self._own:
            self.unsaid.append((self._what(name), f"ADL has no words for {why}"))
            self.lost.add(name)
        else:
            self.speaker.unsayable[name] = why

    def _value_or_object(self, body: s.Expr) -> str:
        parts = (body.first, *(x for _, x in body.rest)) if isinstance(body, s.Chain) else ()
        if parts and all(self._is_object(x) for x in parts):
            return self.speaker.object(body)
        return self.speaker.value(body)

    def _is_object(self, e: s.Expr) -> bool:
        e = self.shapes.looked_up(e)
        if isinstance(e, s.Attribute):
            return e.name == "p4" or bool(re.fullmatch(r"leg\d+", e.name))
        return (isinstance(e, s.Index) and is_number(e.key)) or is_collection(e)

    def _add(self, name: str, lines: list[str]) -> None:
        nodes = (self._nodes[name],) if name in self._nodes else ()
        own = self._shown.get(name) in self._own
        what = self._what(name) if own else f"what is written '{', '.join(line.strip() for line in lines)}'"
        self.items.append(Item(what, tuple(lines), name, ("definition", name), nodes))

    def _what(self, name: str) -> str:
        return f"definition '{self._shown.get(name, name)}'"

    # ---- collections ----

    def _collected(self, e: s.Expr) -> str:
        """Return the name of a collection, with a block of its own where it has none yet."""
        number = self.shapes.number(e)
        if not is_collection(self.shapes.looked_up(e)):
            raise Unsayable("this kind of object")
        if number not in self._called:
            self._called[number] = self._fresh(e)
        name = self._called[number]
        self._written(self.shapes.looked_up(e), name)
        if name in self.speaker.unsayable:
            raise Unsayable(self.speaker.unsayable[name])
        return name

    def _fresh(self, e: s.Expr) -> str:
        """Return a name of a collection that has none: after what it is made of."""
        while (inner := _made_of(self.shapes.looked_up(e))) is not None:
            e = inner
        base = self._names.get(e.name, e.name) if isinstance(e, s.Name) else "objects"
        k = 1
        while f"{base}{k}".casefold() in self._taken:
            k += 1
        self._taken.add(f"{base}{k}".casefold())
        return f"{base}{k}"

    def _written(self, e: s.Expr, name: str) -> None:
        if name in self._done:
            return
        self._done.add(name)
        try:
            lines = self._choice(e, name) if _chosen(e) else self._block(e, name)
        except Unsayable as reason:
            self._cannot(name, str(reason))
            return
        self._add(name, lines)

    def _block(self, e: s.Expr, name: str) -> list[str]:
        """Return the lines of a collection: what is taken, selected, and how it is ordered."""
        order: list[str] = []
        selected = e
        while isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name == "sort":
            order.insert(0, self._order(e))
            e = self._looked_into(e.function.owner)
        conditions: list[s.Expr] = []
        filters: list[str] = []
        if isinstance(e, s.Index):
            conditions, e = list(_parts(e.key)), e.owner
        elif isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name in _FILTERS:
            filters.append(e.function.name)
            e = e.function.owner
        kind, taken, legs = self._taken_from(e, selected)
        element = Element(self.shapes.lineage(e), legs=legs)
        lines = [f"{kind} {name}", f"  take {taken}"]
        lines += [f"  select {self._filtered(f, legs)}" for f in filters]
        lines += [self._condition(c, element) for c in conditions]
        return lines + [f"  sort {key}" for key in order]

    def _looked_into(self, e: s.Expr) -> s.Expr:
        """Return a selection without a name of its author's: its lines stand in the block of what is made of it."""
        own = isinstance(e, s.Name) and e.name in self._own
        body = self.shapes.looked_up(e)
        return e if own or not isinstance(body, s.Index) or is_number(body.key) else body

    def _filtered(self, name: str, legs: Mapping[str, str]) -> str:
        own = ("this.leg1", "this.leg2") if not legs else ("l1", "l2")
        return _FILTERS[name].replace("l1", own[0]).replace("l2", own[1])

    def _condition(self, e: s.Expr, element: Element) -> str:
        if isinstance(e, s.Unary) and e.op == "not":
            return f"  reject {self.speaker.value(held(e.operand), element)}"
        return f"  select {self.speaker.value(e, element)}"

    def _order(self, e: s.Call) -> str:
        assert isinstance(e.function, s.Attribute)
        if len(e.arguments) != 1 or e.keywords:
            raise Unsayable("an order by several keys")
        (key,) = e.arguments
        down = isinstance(key, s.Unary) and key.op == "-"
        by = key.operand if isinstance(key, s.Unary) and down else key
        text = self.speaker.value(by, Element(self.shapes.lineage(e.function.owner)), UNARY)
        return f"{text} {'descend' if down else 'ascend'}"

    def _taken_from(self, e: s.Expr, whole: s.Expr) -> tuple[str, str, dict[str, str]]:
        """Return the kind of block, what it takes, and how it calls the legs of a candidate."""
        if isinstance(e, s.Call) and isinstance(e.function, s.Name):
            parts = self._combined(e)
            legs = {f"leg{k + 1}": f"l{k + 1}" for k in range(len(parts))}
            listed = ", ".join(f"{p} l{k + 1}" for k, p in enumerate(parts))
            return "composite", f"{'disjoint' if len(set(parts)) == 1 else 'cartesian'}({listed})", legs
        if isinstance(e, s.Chain) and all(op == "|" for op, _ in e.rest):
            listed = ", ".join(self.speaker.object(x) for x in (e.first, *(x for _, x in e.rest)))
            return "object", f"union({listed})", {}
        if e is whole or isinstance(e, s.Chain):
            raise Unsayable("this kind of collection")
        return "object", self.speaker.object(e), {}

    def _combined(self, e: s.Call) -> list[str]:
        """Return the collections of a combination, one for each of its legs."""
        assert isinstance(e.function, s.Name)
        if e.keywords:
            raise Unsayable("combinations in every order, with named legs")
        if e.function.name == "combinations":
            n = e.arguments[1]
            assert isinstance(n, s.Number)
            return [self.speaker.object(e.arguments[0])] * int(n.value)
        made = [self.speaker.object(x) for x in e.arguments]
        return made * _SIZES[e.function.name] if len(made) == 1 else made

    def _tabled(self, found: LookUp) -> str:
        """Return the name of a table, with a block of its own where it has none yet."""
        place = (found.edges, found.cells)
        for name, other in self._tables.items():
            if s.shape((other.edges, other.cells)) == s.shape(place) and other.variation == found.variation:
                return name
        name = named_after(found, [*self._tables, *self._names.values()])
        lines = found.block(name, self.speaker.value)
        if lines is None or name in self._tables:
            raise Unsayable("a table that is something else than 0 outside of its edges")
        self._tables[name] = found
        self.items.append(Item(f"table '{name}'", tuple(lines), name))
        return name

    # ---- what is chosen ----

    def choice(self, e: s.Expr) -> tuple[str, str] | None:
        """Return the name of what must exist and the line that chooses it, ``m(Z) ~= 91.2``; None for what is there."""
        if not _chosen(self.shapes.looked_up(e)):
            return None
        self.speaker.object(e)
        return self._choices.get(self.shapes.number(e))

    def _choice(self, e: s.Expr, name: str) -> list[str]:
        assert isinstance(e, s.Call)
        assert isinstance(e.function, s.Attribute)
        owner, (key, *rest) = e.function.owner, e.arguments or (e,)
        element = Element(self.shapes.lineage(owner), name)
        if e.function.name == "nearest" and not rest:
            line = f"m({name}) ~= {self.speaker.value(key, NOWHERE, SUM)}"
        else:
            line = self._distance(e, key, bool(rest), element)
        self._choices[self.shapes.number(e)] = (name, line)
        candidates = self.shapes.looked_up(owner)
        if isinstance(candidates, s.Call) and isinstance(candidates.function, s.Name):
            return [f"define {name} = {' '.join(f'{part}[-1]' for part in self._combined(candidates))}"]
        return [f"define {name} = {self.speaker.object(owner)}[-1]"]

    def _distance(self, e: s.Call, key: s.Expr, several: bool, element: Element) -> str:
        """Return ``x ~= y`` for the least of ``abs(x - y)``."""
        assert isinstance(e.function, s.Attribute)
        inner = key.arguments[0] if isinstance(key, s.Call) and len(key.arguments) == 1 else None
        absolute = isinstance(key, s.Call) and isinstance(key.function, s.Name) and key.function.name == "abs"
        if several or not absolute or not isinstance(inner, s.Chain) or inner.rest[-1][0] != "-":
            raise Unsayable("a choice of anything but the least (or greatest) distance of two numbers, abs(x - y)")
        (_, target) = inner.rest[-1]
        value = (
            inner.first if len(inner.rest) == 1 else s.Chain(inner.start, inner.end, 1, inner.first, inner.rest[:-1])
        )
        word = "~=" if e.function.name == "argmin" else "~!"
        x, y = (self.speaker.value(v, element, SUM) for v in (value, target))
        return f"{x} {word} {y}"


def _chosen(e: s.Expr) -> bool:
    return isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name in CHOOSING


def _made_of(e: s.Expr) -> s.Expr | None:
    """Return what a collection is made of, first of all; None for a stored one."""
    if isinstance(e, s.Call):
        if isinstance(e.function, s.Attribute):
            return e.function.owner
        return e.arguments[0] if e.arguments else None
    if isinstance(e, s.Index | s.Slice):
        return e.owner
    return e.first if isinstance(e, s.Chain) else None


def _parts(e: s.Expr) -> Iterator[s.Expr]:
    """Yield the conditions that all must hold."""
    if isinstance(e, s.Logic) and e.op == "and":
        for x in e.items:
            yield from _parts(x)
    else:
        yield e
