"""Expansions that are written with four-vectors: components, masses and their like, sums of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from hzdsl.ir import build, formulas
from hzdsl.ir.axes import CHOICES, leg_axes, stored
from hzdsl.ir.formulas_space import BOOST, components
from hzdsl.ir.identity import disjoint
from hzdsl.ir.literals import ATOM
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.patterns import arguments, given_to
from hzdsl.ir.spelling import Slot, Spelling, owner, plainest, same, spelling, tried
from hzdsl.ir.sugar_attributes import Pieces, enclosed, stored_column, stored_names, together, with_attribute
from hzdsl.ir.units import NONE
from hzdsl.records import dataclass

#: px, py, pz and energy; None for one that leaves no trace.
Components = Sequence[Node | None]
ADD = OPS["add"].precedence
#: Of what is written with its components anyway.
CARTESIAN = ("px", "py", "pz", "energy")
#: Sums of more objects than this are written by their components.
MOST_TERMS = 40


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
        names, owned = stored_names(nodes[0]), pieces[0]
        if isinstance(owned, Slot) and owned.node.op != "collection":
            continue  # the components of selections and elements are those of the stored list, moved
        if names is None or formulas.coordinates(names or system) != tuple(system):
            continue
        if any((name in names) is not (name in present) for name in given) and names:
            continue
        unit, axis = stored_column(nodes[0]).type.unit, build.axis_of(nodes[0])
        zeros = {n: build.lift(build.const(0.0, NONE if n == "eta" else unit), axis) for n in given if n not in present}
        full = {**dict(zip(present, nodes, strict=True)), **zeros}
        if same(formula, tuple(full[n] for n in given), node):
            return pieces
    return None


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
    if axis is None or len(leg_axes(axis)) != len(terms) or axis.op not in CHOICES:
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
            vector = vector_of(nodes) if _makes(formula, nodes, node) else None
            if vector is not None and _makes(formula, vector.nodes, node):
                return _derived_of(vector, name)
        if name == "mass" and _makes_as_one(formula, found, node):  # of the others the formula itself is shorter
            return _of_components(found, name)
    return None


def _makes(formula: formulas.Formula, nodes: Components, node: Node) -> bool:
    """Return whether components make the node, where one that leaves no trace is None."""
    return same(formula, tuple(build.const(0.0) if x is None else x for x in nodes), node)


def _makes_as_one(formula: formulas.Formula, nodes: Components, node: Node) -> bool:
    """Return whether components make the node once they are those of one vector, along one axis."""
    given = [build.const(0.0) if x is None else x for x in nodes]
    return same(lambda *c: formula(*components("vector", *c)), tuple(given), node)


@dataclass(frozen=True)
class Vector:
    """A four-vector as written: an object, or a sum with its terms.

    `objects` is its spelling as an object or a sum of objects; for that `references` must share no particle, and of
    the `singles`, objects of the event, none may come twice. `nodes` are the components that reading it will give.
    """

    nodes: Components
    objects: Pieces
    vectors: Pieces
    references: tuple[Node, ...] | None
    singles: Pieces = ()
    precedence: int = ATOM

    def whole(self, enclosed: bool = False) -> Pieces:
        """Return the text of all of it: to stand before a dot, or between brackets."""
        if self.precedence != ADD:
            return self.objects
        pieces = self.vectors if self.references is None else self.objects
        return pieces if enclosed else ("(", *pieces, ")")


def vector_of(nodes: Components, depth: int = 0) -> Vector | None:
    """Return how the object or sum with these components is written."""
    return _an_object(nodes) or _made_of(nodes) or _sum_over(nodes, depth) or _sum_of_two(nodes, depth)


def _an_object(nodes: Components) -> Vector | None:
    given = [(x, f"p4.{name}") for x, name in zip(nodes, formulas.COMPONENTS, strict=True) if x is not None]
    for pieces, bare in together([x for x, _ in given], [name for _, name in given]):
        rest, first = iter(bare), pieces[0]
        own = [None if x is None else next(rest) for x in nodes]
        if isinstance(first, str):
            return Vector(own, pieces, (*pieces, ".p4"), (), pieces)
        return Vector(own, pieces, (*pieces, ".p4"), None if first.node.is_axis else (first.node,))
    return None


def _made_of(nodes: Components) -> Vector | None:
    made = _given_by_coordinates(nodes) or _in_frame(nodes)
    return None if made is None else Vector(nodes, made, made, None)


def _sum_over(nodes: Components, depth: int) -> Vector | None:
    if any(x is None or x.op != "sum" for x in nodes):
        return None
    each = vector_of([None if x is None else x.args[0] for x in nodes], depth + 1)
    if each is None or each.precedence == ADD:
        return None
    whole = ("sum(", *enclosed(each.objects), ")")
    return Vector([None if x is None else make("sum", x) for x in each.nodes], whole, whole, None)


def _sum_of_two(nodes: Components, depth: int) -> Vector | None:
    if depth > MOST_TERMS or any(x is not None and x.op != "add" for x in nodes):
        return None
    parts = [vector_of([None if x is None else x.args[i] for x in nodes], depth + 1) for i in (0, 1)]
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


def in_frame(node: Node) -> Spelling | None:
    """``x.in_frame(y).px`` and its like."""
    for i, name in enumerate(formulas.COMPONENTS):
        pieces = _in_frame([node if k == i else None for k in range(4)])
        if pieces is not None:
            return Spelling((*pieces, f".{name}"), ATOM)
    return None


def _in_frame(nodes: Components) -> Pieces | None:
    """Return ``x.in_frame(y)`` where the components are those of a boost."""
    made = [(x, boosted) for x, boosted in zip(nodes, BOOST.values(), strict=True) if x is not None]
    for given in given_to(made[0][1], 8, made[0][0]) if made else ():
        vector, frame = vector_of(given[:4]), vector_of(given[4:])
        if vector is not None and frame is not None:
            read = tuple(x for x in (*vector.nodes, *frame.nodes) if x is not None)
            if all(same(boosted, read, x) for x, boosted in made):
                return (*vector.whole(), ".in_frame(", *enclosed(frame.whole(enclosed=True)), ")")
    return None


def _operands(formula: formulas.Formula, count: int, node: Node) -> tuple[Node, ...] | None:
    """Return the barest arguments of which a formula makes a node."""
    found = arguments(formula, count, node)
    if found is None or any(x is None for x in found):
        return None
    return tried(formula, tuple(x for x in found if x is not None), node)


def _added(a: Vector, b: Vector) -> Vector:
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
    pairs = zip(a.nodes, b.nodes, strict=True)
    nodes = [None if x is None or y is None else build.arithmetic("add", x, y) for x, y in pairs]
    return Vector(nodes, objects, vectors, known, singles, ADD)


def _term(pieces: Pieces, of: Vector, right: bool = False) -> Pieces:
    return ("(", *pieces, ")") if right and of.precedence == ADD else pieces


def _derived_of(vector: Vector, name: str) -> Spelling:
    if vector.precedence == ADD:
        return Spelling((*vector.whole(), f".{name}"), ATOM)
    first = vector.objects[0] if len(vector.objects) == 1 else None
    axis = first.node if isinstance(first, Slot) and first.node.is_axis else None
    if axis is not None and leg_axes(stored(axis)):
        return Spelling((*vector.objects, f".{name}"), ATOM, axis, name)
    return Spelling((*vector.vectors, f".{name}"), ATOM, axis, f"p4.{name}")


def _of_components(nodes: Components, name: str) -> Spelling:
    pieces: list[str | Slot] = []
    for component_name, x in zip(formulas.COMPONENTS, nodes, strict=True):
        pieces += [f"{', ' if pieces else ''}{component_name} = ", "0" if x is None else Slot(x)]
    return Spelling(("vector(", *pieces, f").{name}"), ATOM)
