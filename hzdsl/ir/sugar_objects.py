"""Expansions that are written with objects: four-vectors, angles, candidates, choices and exclusions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from hzdsl.ir import build, formulas, members
from hzdsl.ir.axes import leg_axes, stored
from hzdsl.ir.identity import disjoint
from hzdsl.ir.literals import ATOM, CALL
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.patterns import arguments, bare
from hzdsl.ir.spelling import Slot, Spelling, call, owner, plainest, same, spelling, tried
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV, NONE

Pieces = tuple[str | Slot, ...]
#: px, py, pz and energy; None for one that leaves no trace.
Components = Sequence[Node | None]
ADD = OPS["add"].precedence
#: Of what is written with its components anyway.
CARTESIAN = ("px", "py", "pz", "energy")
#: Sums of more objects than this are written by their components.
MOST_TERMS = 40


# ---- attributes and their objects ----------------------------------------------------------------------------------


def object_of(node: Node, name: str) -> Pieces | None:
    """Return how the object is written of which a node is the attribute `name`, or None."""
    pieces = spelling(node).pieces
    if name.startswith("p4.") and (names := stored_names(node)):
        system = formulas.coordinates(names)
        direct = stored_column(node).type.dtype is DType.F64 and system is not None and name[3:] in system
        name = name[3:] if direct else name
    if len(pieces) == 2 and pieces[1] == f".{name}":
        return pieces[:1]
    only = pieces[0]
    if len(pieces) == 1 and isinstance(only, str) and only.endswith(f".{name}"):
        single = only[: -len(name) - 1]  # a single object of the event
        return (single,) if single.isidentifier() else None
    return None


def together(nodes: Sequence[Node], names: Sequence[str]) -> Iterator[tuple[Pieces, tuple[Node, ...]]]:
    """Yield the objects of which nodes may be these attributes, with the nodes in their barest form."""
    levels = [[(object_of(x, name), x) for _, x in plainest(node)] for node, name in zip(nodes, names, strict=True)]
    for pieces, first in levels[0] if levels else ():
        if pieces is None:
            continue
        rest = [[x for p, x in found if p == pieces] for found in levels[1:]]
        if all(rest):
            yield pieces, (first, *(found[0] for found in rest))


def with_attribute(pieces: Pieces, name: str) -> Spelling:
    """Return ``object.name``; selections of a collection have the attribute by moving this very node."""
    (first,) = pieces
    axis = first.node if isinstance(first, Slot) and first.node.is_axis else None
    before: Pieces = pieces if isinstance(first, Slot) else (f"{first}.{name}",)
    return Spelling((*before, f".{name}") if axis or isinstance(first, Slot) else before, ATOM, axis, name, moves=True)


# ---- four-vectors --------------------------------------------------------------------------------------------------


def component(node: Node) -> Spelling | None:
    """``x.p4.px`` and its like, of an object that stores its coordinates, or of coordinates as given."""
    found = [(system, name, *made, of) for system, name, made in _made() if (of := _coordinates(*made, name, node))]
    for system, name, formula, coordinates, given in found:
        pieces = _stored_object(system, formula, dict(zip(coordinates, given, strict=True)), node)
        if pieces is not None:
            return with_attribute(pieces, f"p4.{name}")
    for system, name, formula, coordinates, given in found:
        operands = tried(formula, given, node) if len(given) > 1 else None
        if operands is not None:
            return _of_coordinates(system, dict(zip(coordinates, operands, strict=True)), f".{name}")
    return None


def _made() -> Iterator[tuple[tuple[str, ...], str, tuple[formulas.Formula, tuple[str, ...]]]]:
    """Yield every component of every system of coordinates, with its formula and what that takes."""
    for system, table in formulas.SYSTEMS.items():
        for name, made in table.items():
            yield system, name, made


def _coordinates(
    formula: formulas.Formula, coordinates: tuple[str, ...], name: str, node: Node
) -> tuple[Node, ...] | None:
    """Return the coordinates of which a node may be a component."""
    if coordinates == (name,):  # the coordinate itself, made f64
        return node.args[:1] if node.op == "cast" else None
    found = arguments(formula, len(coordinates), node)
    return None if found is None or any(x is None for x in found) else tuple(x for x in found if x is not None)


def _stored_object(
    system: Sequence[str], formula: formulas.Formula, given: Mapping[str, Node], node: Node
) -> Pieces | None:
    """Return the object of which a node is a component: one with these coordinates, those that it lacks being 0."""
    present = {name: x for name, x in given.items() if build.const_value(x) is None}
    for pieces, nodes in together(list(present.values()), list(present)):
        names = stored_names(nodes[0])
        if names is None or formulas.coordinates(names or system) != tuple(system):
            continue
        if any((name in names) is not (name in present) for name in given) and names:
            continue
        unit = stored_column(nodes[0]).type.unit
        zeros = {n: build.const(0.0, NONE if n == "eta" else unit) for n in given if n not in present}
        full = {**dict(zip(present, nodes, strict=True)), **zeros}
        if same(formula, tuple(full[n] for n in given), node):
            return pieces
    return None


def stored_column(node: Node) -> Node:
    """Return the branch that an attribute of an object is read from, or what else it begins with."""
    while node.op in ("lift", "cast", "take"):
        node = node.args[0]
    return node


def stored_names(node: Node) -> tuple[str, ...] | None:
    """Return which attributes the object has whose branch a node reads; none where no schema is known of it."""
    column = stored_column(node)
    if column.op != "column":
        return None
    axis = column.args[0]
    schema: Any = dict(axis.attrs if axis.op == "collection" else column.attrs).get("schema")
    name = axis.text("name") if axis.op == "collection" else column.text("attr").rpartition(".")[0]
    return () if schema is None else schema.stored(name)


def _of_coordinates(system: Sequence[str], given: Mapping[str, Node], after: str) -> Spelling:
    """Return ``vector(pt = …, eta = …, phi = …, mass = …).px``; what the component does not depend on is 0."""
    return Spelling((*_vector_of(system, given), after), ATOM)


def _vector_of(system: Sequence[str], given: Mapping[str, Node]) -> Pieces:
    pieces: list[str | Slot] = []
    for coordinate in system:
        pieces += [f"{', ' if pieces else ''}{coordinate} = ", Slot(given[coordinate]) if coordinate in given else "0"]
    return ("vector(", *pieces, ")")


def summed(node: Node) -> Spelling | None:
    """A component or charge of a candidate: the sum over its legs, left to right."""
    terms: list[Node] = []
    at = node
    while at.op == "add" and len(terms) < 16:
        terms.insert(0, at.args[1])
        at = at.args[0]
    terms.insert(0, at)
    axis = node.type.axis
    if axis is None or len(leg_axes(axis)) != len(terms) or axis.op not in ("choose", "product"):
        return None
    names: set[str] = set()
    for k, term in enumerate(terms):
        name = _of_leg(term, axis, k)
        if name is None:
            return None
        names.add(name)
    (name, *others) = names
    if others or name not in ("charge", *(f"p4.{n}" for n in formulas.COMPONENTS)):
        return None
    return Spelling((owner(axis), f".{name}"), ATOM, axis, name, moves=True)


def _of_leg(node: Node, axis: Node, k: int) -> str | None:
    """Return the attribute that a node is of leg `k` of a candidate."""
    reference = node.args[1] if node.op == "take" else None
    if reference is None or reference.op != "leg" or reference.args[0] is not axis or reference.number("k") != k:
        return None
    known = spelling(node.args[0])
    return known.attribute if known.owner is not None and known.owner is reference.type.target else None


def derived(node: Node) -> Spelling | None:
    """``x.mass`` and its like, of anything with a four-vector."""
    for name, formula in formulas.DERIVED.items():
        found = arguments(formula, 4, node)
        if found is None:
            continue
        for nodes in product(*([None] if x is None else [y for _, y in plainest(x)] for x in found)):
            vector = _vector(nodes) if _makes(formula, nodes, node) else None
            if vector is not None:
                return _derived_of(vector, name)
        if name == "mass" and _makes(formula, found, node):  # of the others the formula itself is shorter
            return _of_components(found, name)
    return None


def _makes(formula: formulas.Formula, nodes: Components, node: Node) -> bool:
    """Return whether components make the node, where one that leaves no trace is None."""
    return same(formula, tuple(build.const(0.0) if x is None else x for x in nodes), node)


@dataclass(frozen=True)
class _Vector:
    """A four-vector as written: an object, or a sum with its terms.

    `objects` is its spelling as an object or a sum of objects; for that `references` must share no particle, and of
    the `singles`, objects of the event, none may come twice.
    """

    objects: Pieces
    vectors: Pieces
    references: tuple[Node, ...] | None
    singles: Pieces = ()
    precedence: int = ATOM


def _vector(nodes: Components, depth: int = 0) -> _Vector | None:
    """Return how the object or sum with these components is written."""
    given = [(x, f"p4.{name}") for x, name in zip(nodes, formulas.COMPONENTS, strict=True) if x is not None]
    for pieces, _ in together([x for x, _ in given], [name for _, name in given]):
        first = pieces[0]
        if isinstance(first, str):
            return _Vector(pieces, (*pieces, ".p4"), (), pieces)
        return _Vector(pieces, (*pieces, ".p4"), None if first.node.is_axis else (first.node,))
    made = _given_by_coordinates(nodes)
    if made is not None:
        return _Vector(made, made, None)
    if all(x is not None and x.op == "sum" for x in nodes):
        each = _vector([None if x is None else x.args[0] for x in nodes], depth + 1)
        whole = None if each is None or each.precedence == ADD else ("sum(", *_enclosed(each.objects), ")")
        return None if whole is None else _Vector(whole, whole, None)
    if depth > MOST_TERMS or any(x.op != "add" for x, _ in given):
        return None
    parts = [_vector([None if x is None else x.args[i] for x in nodes], depth + 1) for i in (0, 1)]
    a, b = parts
    return None if a is None or b is None else _added(a, b)


def _given_by_coordinates(nodes: Components) -> Pieces | None:
    """Return ``vector(px = …, py = …, pz = …, mass = …)`` where the components are those of such coordinates."""
    if any(x is None for x in nodes):
        return None
    for system, table in formulas.SYSTEMS.items():
        given: dict[str, Node] = {}
        for x, (formula, coordinates) in zip(nodes, table.values(), strict=True):
            operands = None if x is None else _operands(formula, len(coordinates), x)
            if operands is None:
                break
            known = {n: given.setdefault(n, y) for n, y in zip(coordinates, operands, strict=True)}
            if any(a is not b for a, b in zip(known.values(), operands, strict=True)):
                break
        else:
            if system != CARTESIAN:
                return _vector_of(system, given)
    return None


def _operands(formula: formulas.Formula, count: int, node: Node) -> tuple[Node, ...] | None:
    """Return the barest arguments of which a formula makes a node."""
    found = arguments(formula, count, node)
    if found is None or any(x is None for x in found):
        return None
    return tried(formula, tuple(x for x in found if x is not None), node)


def _added(a: _Vector, b: _Vector) -> _Vector:
    """Return ``a + b`` where the objects provably share no particle, else the sum of their four-vectors."""
    known = None if a.references is None or b.references is None else (*a.references, *b.references)
    if known is not None:
        assert a.references is not None
        assert b.references is not None
        if not all(disjoint(x, y, list(known)) for x in a.references for y in b.references):
            known = None
    singles = (*a.singles, *b.singles)
    if len(set(singles)) < len(singles):
        known = None
    objects = (*_term(a.objects, a), " + ", *_term(b.objects, b, right=True))
    vectors = (*_term(a.vectors, a), " + ", *_term(b.vectors, b, right=True))
    return _Vector(objects, vectors, known, singles, ADD)


def _term(pieces: Pieces, of: _Vector, right: bool = False) -> Pieces:
    return ("(", *pieces, ")") if right and of.precedence == ADD else pieces


def _derived_of(vector: _Vector, name: str) -> Spelling:
    first = vector.objects[0]
    if vector.precedence == ADD:
        pieces = vector.vectors if vector.references is None else vector.objects
        return Spelling(("(", *pieces, f").{name}"), ATOM)
    axis = first.node if isinstance(first, Slot) and first.node.is_axis else None
    if axis is not None and leg_axes(stored(axis)):
        return Spelling((*vector.objects, f".{name}"), ATOM, axis, name)
    return Spelling((*vector.vectors, f".{name}"), ATOM, axis, f"p4.{name}")


def _of_components(nodes: Components, name: str) -> Spelling:
    pieces: list[str | Slot] = []
    for component_name, x in zip(formulas.COMPONENTS, nodes, strict=True):
        pieces += [f"{', ' if pieces else ''}{component_name} = ", "0" if x is None else Slot(x)]
    return Spelling(("vector(", *pieces, f").{name}"), ATOM)


# ---- functions of objects and of values ----------------------------------------------------------------------------


def of_two_objects(node: Node) -> Spelling | None:
    """``delta_r(a, b)`` and its like."""
    for name, (formula, names) in formulas.OF_TWO_OBJECTS.items():
        found = arguments(formula, 2 * len(names), node)
        if found is None or any(x is None for x in found):
            continue
        given = [x for x in found if x is not None]
        first = list(together(given[: len(names)], names))
        second = list(together(given[len(names) :], names))
        for (a, of_a), (b, of_b) in product(first, second):
            if same(formula, (*of_a, *of_b), node):
                return Spelling((f"{name}(", *_enclosed(a), ", ", *_enclosed(b), ")"), CALL)
    return None


def _enclosed(pieces: Pieces) -> Pieces:
    return tuple(Slot(p.node) if isinstance(p, Slot) else p for p in pieces)


def of_values(node: Node) -> Spelling | None:
    """``minimum(a, b)`` and its like."""
    for name, formula in formulas.OF_VALUES.items():
        count = 2 if name.endswith("imum") else 3
        found = arguments(formula, count, node)
        if found is None:
            continue
        operands = tried(formula, tuple(x for x in found if x is not None), node)
        if operands is not None:
            return Spelling(call(name, *operands), CALL)
    return None


# ---- selections and choices ----------------------------------------------------------------------------------------


def without(node: Node) -> Spelling | None:
    """``A - x``, for x of which A sees the axis."""
    axis, condition = node.args
    if condition.op != "not" or condition.args[0].op != "shares":
        return None
    for _, reference in plainest(condition.args[0].args[1]):
        if reference.op != "self" and same(members.without, (axis, reference), node):
            return Spelling((Slot(axis, ADD), " - ", Slot(reference, ADD, right=True)), ADD)
    return None


def of_pairs(node: Node) -> Spelling | None:
    """``C.opposite_charge()``, ``C.same_charge()`` and ``C.same_flavor()``."""
    axis, condition = node.args
    if condition.op == "eq" and len(leg_axes(axis)) > 1:
        return _of_one_flavor(node)
    if condition.op != "lt" or len(leg_axes(axis)) < 2:
        return None
    for verb, at in (("opposite_charge", 0), ("same_charge", 1)):
        charges, zero = condition.args[at], bare(condition.args[1 - at])
        charges = bare(charges)
        if charges.op != "mul" or zero.op != "const":
            continue
        for nodes in product(*([x for _, x in plainest(c)] for c in charges.args)):
            of_legs = [_leg_with(x, axis, "charge") for x in nodes]
            if of_legs == ["leg1", "leg2"] and same(_by_charge(verb, axis), nodes, node):
                return Spelling((owner(axis), f".{verb}()"), CALL)
    return None


def _of_one_flavor(node: Node) -> Spelling | None:
    axis, condition = node.args
    for nodes in product(*([x for _, x in plainest(x)] for x in condition.args)):
        of_legs = [_leg_with(x, axis, "flavor") for x in nodes]
        if of_legs == ["leg1", "leg2"] and same(
            lambda a, b: members.select(axis, build.compare("eq", a, b)), nodes, node
        ):
            return Spelling((owner(axis), ".same_flavor()"), CALL)
    return None


def _by_charge(verb: str, axis: Node) -> Callable[[Node, Node], Node]:
    def read(a: Node, b: Node) -> Node:
        charges = build.arithmetic("mul", a, b)
        ends = (charges, build.const(0)) if verb == "opposite_charge" else (build.const(0), charges)
        return members.select(axis, build.compare("lt", *ends))

    return read


def _leg_with(node: Node, axis: Node, name: str) -> str | None:
    """Return the leg of the candidates along `axis` of which a node is an attribute."""
    pieces = object_of(node, name)
    if pieces is None or not isinstance(pieces[0], Slot):
        return None
    known = spelling(pieces[0].node)
    return known.attribute if known.owner is axis else None


def choice(node: Node) -> Spelling | None:
    """``C.leading()`` and ``C.nearest(m)``."""
    axis, *keys = node.args
    if len(keys) != 1:
        return None
    direction = node.text("direction")
    if direction == "argmax" and _is(keys[0], axis, "pt") and same(_by(axis, direction), (keys[0],), node):
        return Spelling((owner(axis), ".leading()"), CALL)
    found = arguments(formulas.distance, 2, keys[0]) if direction == "argmin" else None
    if found is None or found[0] is None or found[1] is None:
        return None

    def nearest(mass: Node, target: Node) -> Node:
        return members.pick(axis, (formulas.distance(mass, build.in_slot(target, GEV, "nearest")),), direction)

    for mass, target in product(*([x for _, x in plainest(x)] for x in found if x is not None)):
        if _is(mass, axis, "mass") and same(nearest, (mass, target), node):
            return Spelling((owner(axis), ".nearest(", Slot(target), ")"), CALL)
    return None


def _is(node: Node, axis: Node, name: str) -> bool:
    known = spelling(node)
    return known.owner is axis and known.attribute == name


def _by(axis: Node, direction: str) -> Callable[[Node], Node]:
    return lambda key: members.pick(axis, (key,), direction)


def truncated(node: Node) -> Spelling | None:
    """``C.nearest_mass_truncated(m)``."""
    axis, value, target = node.args

    def read(mass: Node, to: Node) -> Node:
        wanted = build.to_unit(build.in_slot(to, GEV, "nearest_mass_truncated"), GEV)
        return members.pick_truncated(axis, build.to_unit(mass, GEV), wanted)

    for mass, to in product(*([x for _, x in plainest(x)] for x in (value, target))):
        if _is(mass, axis, "mass") and same(read, (mass, to), node):
            return Spelling((owner(axis), ".nearest_mass_truncated(", Slot(to), ")"), CALL)
    return None
