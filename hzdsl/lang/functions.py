"""The functions of the language, by their surface names: one table serves `hz.` in Python and bare names in text.

A function takes values, objects and collections and gives values or collections; each expands into the core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build, formulas, formulas_space, members
from hzdsl.ir.ops import MATH, PARTS
from hzdsl.ir.print import spell
from hzdsl.lang import kinematics, tables
from hzdsl.lang.collections import Collection, combinations, product
from hzdsl.lang.combined import chosen, transverse_vector
from hzdsl.lang.explicit import EXPLICIT
from hzdsl.lang.kinematics import COMPONENTS, Vec4
from hzdsl.lang.lists import Numbers
from hzdsl.lang.objects import Object, Particle
from hzdsl.lang.places import located, spelled_call
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.synonyms import attribute_called
from hzdsl.lang.values import Value, absolute, to_node
from hzdsl.lang.variations import in_turn, vary
from hzdsl.lang.vectors import cross, dot, unit, vec3
from hzdsl.lang.verbs import verb

Function = Callable[..., Any]

#: Legs of a combination: their number is fixed when the graph is built, and so is its size.
MOST_LEGS = 16


def _collection(x: Any, name: str) -> Collection:
    if not isinstance(x, Collection):
        raise HzdslError("arguments", f"{name} takes a collection, not {x!r}", fix="e.g. Muon, or Muon[pt > 5 GeV]")
    return x


def _object(x: Any, name: str) -> Particle | Vec4:
    if not isinstance(x, Particle | Vec4):
        raise HzdslError("arguments", f"{name} takes an object, not {x!r}", fix="e.g. Muon[0]")
    return x


# ---- reductions ----------------------------------------------------------------------------------------------------


def count(x: Any) -> Value:
    """Return how many elements a collection has per event, or at how many of them a condition holds."""
    return Value(members.count(x.axis if isinstance(x, Collection | Numbers) else to_node(x)))


def any_(x: Any) -> Value:
    """Return whether a condition holds for any element; false of nothing."""
    return Value(members.reduce("any", _condition(x, "any")))


def all_(x: Any) -> Value:
    """Return whether a condition holds for all elements; true of nothing."""
    return Value(members.every(_condition(x, "all")))


def _condition(x: Any, name: str) -> Any:
    if isinstance(x, Particle):
        raise HzdslError(
            "dtype",
            f"{name} takes a condition, not {x!r}",
            fix=f"compare an attribute, e.g. {name}({described(x)}.charge > 0), or count them: count(…) > 0",
        )
    return to_node(x)


def _reduction(op: str, doc: str) -> Function:
    def reduce(x: Any) -> Value:
        if isinstance(x, Particle):
            raise _needs_numbers(op, x)
        return Value(members.reduce(op, to_node(x)))

    reduce.__name__, reduce.__doc__ = op, doc
    return reduce


def sum_(x: Any) -> Any:
    """Return the sum over the elements, 0 of nothing; of objects their four-vector."""
    if isinstance(x, Collection | Vec4):
        p4 = x.attribute("p4")
        return p4.mapped(lambda component: members.reduce("sum", component))
    if isinstance(x, Particle):
        raise _needs_numbers("sum", x)
    return Value(members.reduce("sum", to_node(x)))


def mean(x: Any) -> Value:
    """Return the mean over the elements that are there, added in order; missing of nothing."""
    if isinstance(x, Particle):
        raise _needs_numbers("mean", x)
    return Value(members.mean(to_node(x)))


def _needs_numbers(op: str, x: Particle) -> HzdslError:
    name = spell(x.axis, 60) if isinstance(x, Collection) else "C"
    said = name if isinstance(x, Collection) else repr(x)
    fix = f"take one of their attributes: {spelled_call(op)}({name}.pt)"
    return HzdslError("dtype", f"{op} takes a number for each element, not the objects {said}", fix=fix)


# ---- numbers -------------------------------------------------------------------------------------------------------


def _math(name: str) -> Function:
    def function(x: Any) -> Any:
        return Value(build.function(name, to_node(x)))

    function.__name__, function.__doc__ = name, MATH[name].doc
    return function


def atan2(y: Any, x: Any) -> Value:
    """Return the angle of the point (x, y)."""
    return Value(build.function2("atan2", to_node(y), to_node(x)))


def hypot(x: Any, y: Any) -> Value:
    """Return √(x²+y²) without overflow on the way."""
    return Value(build.function2("hypot", to_node(x), to_node(y)))


def _faddeeva(part: str) -> Function:
    def function(x: Any, y: Any) -> Value:
        return Value(build.faddeeva(part, to_node(x), to_node(y)))

    said = {"real": "real", "imag": "imaginary"}[part]
    function.__doc__ = f"Return the {said} part of Faddeeva's function w(x + iy), of which a Voigt profile is made."
    return function


def minimum(a: Any, b: Any) -> Value:
    """Return the lesser of two values; `a` where they are equal or one is NaN."""
    return Value(formulas.minimum(to_node(a), to_node(b)))


def maximum(a: Any, b: Any) -> Value:
    """Return the greater of two values; `a` where they are equal or one is NaN."""
    return Value(formulas.maximum(to_node(a), to_node(b)))


def clip(x: Any, low: Any, high: Any) -> Value:
    """Return x, kept between two bounds."""
    return minimum(maximum(x, low), high)


def where(condition: Any, x: Any, y: Any) -> Any:
    """Return x where the condition holds, else y; missing where the condition is. Objects of one collection, too."""
    return chosen(to_node(condition), x, y)


@verb(slot=True)
def nearer(a: Any, b: Any, target: Any) -> Value:
    """Return a if |a - target| < |b - target|, else b."""
    return _by_distance(formulas.nearer, a, b, target)


@verb(slot=True)
def farther(a: Any, b: Any, target: Any) -> Value:
    """Return b if |a - target| < |b - target|, else a: the one that `nearer` leaves."""
    return _by_distance(formulas.farther, a, b, target)


def _by_distance(formula: formulas.Formula, a: Any, b: Any, target: Any) -> Value:
    x, y = to_node(a), to_node(b)
    return Value(formula(x, y, build.in_slot(to_node(target), x.type.unit, "nearer and farther")))


# ---- objects -------------------------------------------------------------------------------------------------------


def pair(*collections: Any, **named: Any) -> Collection:
    """Return the pairs of one collection, or one element each of two; named arguments name the legs."""
    return _combined("pair", 2, collections, named)


def triple(*collections: Any, **named: Any) -> Collection:
    """Return the triples of one collection, or one element each of three."""
    return _combined("triple", 3, collections, named)


def _combined(name: str, n: int, collections: tuple[Any, ...], named: dict[str, Any]) -> Collection:
    given = [_collection(c, name) for c in (*collections, *named.values())]
    if len(given) == 1 and not named:
        return combinations(given[0], n)
    if len(given) != n or (collections and named):
        raise HzdslError(
            "arguments",
            f"{name} takes one collection or {n}, not {len(given)}",
            fix=f"{name}(A) or {name}(A, B, …)",
        )
    _refuse_same_axis(name, given, named)
    return product(named or {f"leg{k + 1}": c for k, c in enumerate(given)})


def _refuse_same_axis(name: str, given: list[Collection], named: dict[str, Any]) -> None:
    """Refuse a product of one collection with itself: it holds every choice in every order."""
    axes = [c.axis for c in given]
    if named or len(set(axes)) == len(axes):
        return
    said = [spell(a, 60) for a in axes]
    legs = ", ".join(f"{n}={a}" for n, a in zip(("tag", "probe", "third"), said, strict=False))
    fix = f"if the order matters, name the legs: {name}({legs})"
    if len(set(axes)) == 1:
        fix = f"each choice once: {name}({said[0]}); {fix}"
    raise HzdslError("arguments", f"{name}({', '.join(said)}) holds every choice in every order", fix=fix)


def combinations_of(collection: Any, n: int) -> Collection:
    """Return the unordered choices of n elements of a collection."""
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_LEGS:
        raise HzdslError("arguments", f"combinations(A, n) takes a whole number up to {MOST_LEGS}, not {n!r}")
    return combinations(_collection(collection, "combinations"), n)


def delta_phi(a: Any, b: Any) -> Value:
    """Return the azimuth of the first minus that of the second, in (-π, π]."""
    return _of_two_objects("delta_phi", a, b)


def _of_two_objects(name: str, a: Any, b: Any) -> Value:
    formula, attributes = formulas.OF_TWO_OBJECTS[name]
    objects = _object(a, name), _object(b, name)
    return Value(formula(*(x.attribute(n).node for x in objects for n in attributes)))


def delta_eta(a: Any, b: Any) -> Value:
    """Return the pseudorapidity of the first minus that of the second."""
    difference: Value = _object(a, "delta_eta").attribute("eta") - _object(b, "delta_eta").attribute("eta")
    return difference


def delta_r(a: Any, b: Any) -> Value:
    """Return √(Δη²+Δφ²) of two objects, in the precision of their angles."""
    return _of_two_objects("delta_r", a, b)


def transverse_mass(a: Any, b: Any) -> Value:
    """Return √(2 pT pT′ (1 - cos Δφ))."""
    return _of_two_objects("transverse_mass", a, b)


def vector(**components: Any) -> Any:
    """Return a four-vector from pt, eta, phi, mass or px, py, pz, energy; from px, py (or pt, phi) a transverse one."""
    given = frozenset(components)
    if given in ({"px", "py"}, {"pt", "phi"}):
        return transverse_vector(components)
    if given == {"px", "py", "pz", "energy"}:
        return Vec4(*map(Value, formulas_space.components("vector", *(to_node(components[c]) for c in COMPONENTS))))
    system = next((s for s in formulas.SYSTEMS if given == set(s)), None)
    if system is None:
        raise _no_system(components)
    *space, last = system
    values = {n: Value(to_node(components[n])) for n in system}
    return kinematics.from_coordinates({n: values[n] for n in space}, last, values[last])


def _no_system(components: Mapping[str, Any]) -> HzdslError:
    """Return the error of components that are no vector's."""
    known = {n for system in formulas.SYSTEMS for n in system}
    unknown = [n for n in components if n not in known]
    fix = "vector(pt=, eta=, phi=, mass=), vector(px=, py=, pz=, energy=), vector(px=, py=) or vector(pt=, phi=)"
    if unknown and all(attribute_called(n) in known for n in unknown):
        fix = "; ".join(f"{n} is called {attribute_called(n)}" for n in unknown)
    return HzdslError("arguments", f"vector does not take {', '.join(unknown or components) or 'nothing'}", fix=fix)


_EXAMPLE = 'category({"few": n < 2})'


def category(*conditions: Any, **labels: Any) -> Value:
    """Return the label of the first condition that holds; missing where none does (a missing condition does not).

    Labels and conditions are given in a dictionary, by name, or in turn: ``category("4e", n == 0, "4mu", n == 4)``.
    """
    given = (
        dict(conditions[0])
        if len(conditions) == 1 and isinstance(conditions[0], Mapping)
        else in_turn(conditions, "category", _EXAMPLE)
    )
    return Value(members.category([(label, to_node(x)) for label, x in {**given, **labels}.items()]))


def between(x: Any, low: Any, high: Any) -> Value:
    """Return ``low < x < high``."""
    return Value(to_node(x)).between(low, high)


# ---- the table -----------------------------------------------------------------------------------------------------


def _public(name: str, function: Function) -> Function:
    """Report wrong arguments and other errors by the surface name, at the user's place."""
    function.__name__ = name
    return located(function)


#: Functions of the elements of a collection; text reads a second argument in its scope: ``count(C, condition)``.
_REDUCTIONS: dict[str, Function] = {
    "count": count,
    "any": any_,
    "all": all_,
    "sum": sum_,
    "mean": mean,
    "prod": _reduction("prod", "Return the product over the elements; 1 of nothing."),
    "min": _reduction("min", "Return the least value over the elements; missing of nothing."),
    "max": _reduction("max", "Return the greatest value over the elements; missing of nothing."),
}

_TABLE: dict[str, Function] = {
    **{name: verb(scoped=True)(f) for name, f in _REDUCTIONS.items()},
    "abs": absolute,
    "atan2": atan2,
    "hypot": hypot,
    **{f"faddeeva_{part}": _faddeeva(part) for part in PARTS},
    "minimum": minimum,
    "maximum": maximum,
    "clip": clip,
    "where": where,
    "nearer": nearer,
    "farther": farther,
    "pair": pair,
    "triple": triple,
    "combinations": combinations_of,
    "delta_phi": delta_phi,
    "delta_eta": delta_eta,
    "delta_r": delta_r,
    "transverse_mass": transverse_mass,
    "vector": vector,
    "vec3": vec3,
    "dot": dot,
    "cross": cross,
    "unit": unit,
    "category": category,
    "between": between,
    "vary": vary,
    "table": tables.table,
    "search": tables.search,
    "entry": tables.entry,
    "random": tables.random,
    "random_normal": tables.random_normal,
    "float_bits": tables.float_bits,
    **EXPLICIT,
    **{name: _math(name) for name in MATH},
}

#: Every function of the language by its surface name.
FUNCTIONS = MappingProxyType({name: _public(name, f) for name, f in _TABLE.items()})

#: Names that no definition can have.
RESERVED = FUNCTIONS.keys() - EXPLICIT.keys()


def plain_number(x: Any) -> bool:
    """Return True for Python numbers and quantities, on which arithmetic happens at once."""
    return isinstance(x, bool | int | float | Quantity)


def described(x: Any) -> str:
    """Return how a surface value is called in messages."""
    node = x.node if isinstance(x, Value) else x.reference if isinstance(x, Object) else None
    return repr(x) if node is None else spell(node, 80)
