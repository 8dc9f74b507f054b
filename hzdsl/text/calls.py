"""What can be called: functions of the language, methods of its objects, and the seed dialect's functions.

Text reaches Python only through these tables: no attribute of a Python object is ever looked up by a name of the text.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build, members
from hzdsl.ir.units import GEV
from hzdsl.lang.collections import Collection
from hzdsl.lang.components import Components
from hzdsl.lang.events import Events, Family
from hzdsl.lang.functions import FUNCTIONS, SYNONYMS, described, plain_number
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Object, Particle, Single, Sum
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3
from hzdsl.text.candidates import pair_attributes

Function = Callable[..., Any]

#: Functions whose second argument is read in the scope of the first, a collection.
REDUCTIONS = frozenset({"all", "any", "count", "sum", "prod", "min", "max", "mean"}) & FUNCTIONS.keys()

#: Methods whose arguments are read in the scope of the collection.
SCOPED_METHODS = frozenset({"sort", "argmin", "argmax", "assign", "pick_truncated"})

_PARTICLE_METHODS: Mapping[str, Function] = MappingProxyType({"in_frame": Particle.in_frame})
_COLLECTION_METHODS: Mapping[str, Function] = MappingProxyType(
    {
        **_PARTICLE_METHODS,
        "sort": Collection.sort,
        "argmin": Collection.argmin,
        "argmax": Collection.argmax,
        "leading": Collection.leading,
        "nearest": Collection.nearest,
        "nearest_mass_truncated": Collection.nearest_mass_truncated,
        "opposite_charge": Collection.opposite_charge,
        "same_charge": Collection.same_charge,
        "same_flavor": Collection.same_flavor,
        "per": Collection.per,
        "along": Collection.along,
        "at": Collection.at,
        "as_i64": Collection.as_i64,
        "leg": Collection.leg,
        "under": Collection.under,
        "pick_truncated": Collection.pick_truncated,
        "assign": Collection.assign,
    }
)
_OBJECT_METHODS: Mapping[str, Function] = MappingProxyType(
    {**_PARTICLE_METHODS, "along": Object.along, "at": Object.at, "as_i64": Object.as_i64}
)
_VALUE_METHODS: Mapping[str, Function] = MappingProxyType(
    {
        **{name: getattr(Value, name) for name in ("as_f32", "as_f64", "as_i32", "as_i64", "as_u32", "as_u64")},
        "along": Value.along,
        "at": Value.at,
        "in_unit": Value.in_unit,
        "bit": Value.bit,
        "otherwise": Value.otherwise,
        "between": Value.between,
    }
)
_VECTOR_METHODS: Mapping[str, Function] = MappingProxyType({"in_frame": Vec4.in_frame, "otherwise": Vec4.otherwise})
#: The methods of each kind of value, the first that fits.
_METHODS: Mapping[type, Mapping[str, Function]] = MappingProxyType(
    {
        Collection: _COLLECTION_METHODS,
        Single: MappingProxyType({**_PARTICLE_METHODS, "assign": Single.assign}),
        Events: MappingProxyType({"get": Events.get}),
        Family: MappingProxyType({"get": Family.get}),
        Object: _OBJECT_METHODS,
        Particle: _PARTICLE_METHODS,
        Value: _VALUE_METHODS,
        Vec4: _VECTOR_METHODS,
    }
)
_SLOTS = frozenset({"nearest", "nearest_mass_truncated", "nearer", "farther", "closest_mass", "other_mass"})


def called(name: str, function: Function, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return ``function(*arguments, **keywords)``, wrong arguments said by the names of the signature."""
    signature = inspect.signature(function)
    try:
        signature.bind(*arguments, **keywords)
    except TypeError as e:
        shape = [str(p).split(":")[0] for p in signature.parameters.values() if p.name != "self"]
        raise HzdslError("arguments", f"{name}: {e}", fix=f"{name}({', '.join(shape)})") from None
    return function(*arguments, **keywords)


def function_named(name: str) -> Function | None:
    """Return the function of the language (or of the seed dialect) called `name`."""
    if name in SYNONYMS:
        return _of_masses(SYNONYMS[name])
    if name == "either_pair_pt":
        return either_pair_pt
    if name == "abs":
        return lambda x: abs(x) if plain_number(x) else FUNCTIONS["abs"](x)
    return FUNCTIONS.get(name)


def _of_masses(name: str) -> Function:
    """Return `nearer` or `farther` as the seed dialect calls it: of candidates it compares the masses."""

    def function(a: Any, b: Any, target: Any) -> Value:
        x, y = (v.attribute("mass") if isinstance(v, Particle) else v for v in (a, b))
        return FUNCTIONS[name](x, y, target)  # type: ignore[no-any-return]

    return function


def either_pair_pt(a: Any, b: Any, high: Any, low: Any) -> Value:
    """Return whether two of `a` or two of `b` pass `low` in pt, one of them `high`: the seed dialect's function."""
    both = [_two_above(_collection(c), high, low) for c in (a, b)]
    return Value(build.logic("or", both[0].node, both[1].node))


def _two_above(c: Collection, high: Any, low: Any) -> Value:
    count, pt = FUNCTIONS["count"], c.attribute("pt")
    return (count(pt > high) >= 1) & (count(pt > low) >= 2)  # type: ignore[no-any-return]


def _collection(x: Any) -> Collection:
    if not isinstance(x, Collection):
        raise HzdslError("arguments", f"either_pair_pt takes collections, not {described(x)}")
    return x


def reduced(name: str, collection: Any, value: Any) -> Any:
    """Return the reduction over `collection` of a value along it or coarser: ``count(C, condition)``."""
    node = members.seen_by(to_node(value), collection.axis, f"be a {name} over")
    return FUNCTIONS[name](Value(node))


def not_reducible(name: str, x: Any) -> HzdslError:
    """Return the error of ``min(a, b)`` and the like, where the first argument is no collection."""
    lesser = name in ("min", "max")
    fix = f"of two values: {name}imum(a, b)" if lesser else f"{name}(C, expression)"
    return HzdslError("arguments", f"{name} of two takes a collection first, not {described(x)}", fix=fix)


def leading_differs(attribute: str) -> HzdslError:
    """Return the error of ``leading(o).attribute``, which the nano-spec dialect reads in its own way."""
    return HzdslError(
        "meaning-differs",
        f"leading(o).{attribute} is the greatest {attribute} of o in the nano-spec dialect, "
        f"and reads here as the {attribute} of the object with the greatest pt",
        fix=f"write max(o.{attribute}) or o.leading().{attribute}",
    )


def method_named(owner: Any, name: str) -> Function | None:
    """Return the method `name` that values of this kind have, or None."""
    return _methods(owner).get(name)


def _methods(owner: Any) -> Mapping[str, Function]:
    for kind, methods in _METHODS.items():
        if isinstance(owner, kind):
            return methods
    return {}


def no_method(owner: Any, name: str) -> HzdslError:
    """Return the error of a call of something that is no method."""
    known = list(_methods(owner))
    if isinstance(owner, Particle | Components) and name in dir(owner):
        brackets = f"{name} is an attribute: leave the brackets away"
        return HzdslError("attribute", f"{described(owner)} has no method '{name}'", fix=brackets)
    value = isinstance(owner, Value)
    fix = of_attribute(name, known, described(owner), value) or (f"known: {', '.join(known)}" if known else None)
    return HzdslError("attribute", f"{described(owner)} has no method '{name}'", fix=fix)


def attribute_of(owner: Any, name: str) -> Any:
    """Return ``owner.name``.

    Raises
    ------
    HzdslError
        ``attribute`` or ``name-unknown`` with the nearest names.
    """
    if isinstance(owner, Events):
        return _input(owner, name)
    if isinstance(owner, Family) and name != "get":
        return owner.attribute(name)
    if name == "exists" and isinstance(owner, Value | Particle):
        return owner.exists
    if isinstance(owner, Particle):
        return _particle_attribute(owner, name)
    if isinstance(owner, Vec4 | Vec3):
        return owner.attribute(name)
    if method_named(owner, name) is not None:
        raise HzdslError("attribute", f"'{name}' is a method", fix=f"call it: .{name}(…)")
    fix = of_attribute(name, _methods(owner), described(owner), isinstance(owner, Value))
    raise HzdslError("attribute", f"{described(owner)} has no attribute '{name}'", fix=fix)


def _input(events: Events, name: str) -> Any:
    found = events.lookup(name)
    if found is None:
        raise events.unknown(name)
    return found


def _particle_attribute(owner: Particle, name: str) -> Any:
    try:
        return owner.attribute(name)
    except HzdslError as e:
        if isinstance(owner, Sum) and name in (known := pair_attributes(owner)):
            return known[name]
        if method_named(owner, name) is not None:
            raise HzdslError("attribute", f"'{name}' is a method", fix=f"call it: .{name}(…)") from None
        verb = did_you_mean(name, _methods(owner)) if e.code == "attribute" else None
        e.fix = verb if verb and (e.fix or "it has ").startswith("it has ") else e.fix
        raise e


def check_strict(name: str, arguments: Sequence[Any]) -> None:
    """Raise ``unit`` where the last argument of a mass slot is a bare number (for ``strict_units = true``)."""
    if name not in _SLOTS or not arguments:
        return
    target = arguments[-1]
    if plain_number(target) and not isinstance(target, Quantity):
        raise HzdslError("unit", f"{name}: {target} has no unit, and strict_units is set", fix=f"write {target} {GEV}")
