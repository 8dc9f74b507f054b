"""What can be called: functions of the language, methods of its objects, and the nano-spec dialect's functions.

Text reaches Python only through what `lang` declares (`hzdsl.lang.verbs`): no attribute of a Python object is ever
looked up by a name of the text.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import members
from hzdsl.ir.units import GEV
from hzdsl.lang.components import Components
from hzdsl.lang.events import Events, Family
from hzdsl.lang.functions import FUNCTIONS, described, plain_number
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Particle, Sum
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3
from hzdsl.lang.verbs import method_named, verb_of, verbs_of
from hzdsl.text.nano.candidates import pair_attributes
from hzdsl.text.nano.functions import DIALECT_FUNCTIONS

Function = Callable[..., Any]


_signature = lru_cache(maxsize=512)(inspect.signature)


def called(name: str, function: Function, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return ``function(*arguments, **keywords)``, wrong arguments said by the names of the signature."""
    signature = _signature(function)
    try:
        signature.bind(*arguments, **keywords)
    except TypeError as e:
        shape = [str(p).split(":")[0] for p in signature.parameters.values() if p.name != "self"]
        raise HzdslError("arguments", f"{name}: {e}", fix=f"{name}({', '.join(shape)})") from None
    return function(*arguments, **keywords)


def function_named(name: str) -> Function | None:
    """Return the function of the language (or of the nano-spec dialect) called `name`."""
    if name == "abs":
        return _absolute
    return FUNCTIONS.get(name) or DIALECT_FUNCTIONS.get(name)


def _absolute(x: Any) -> Any:
    return abs(x) if plain_number(x) else FUNCTIONS["abs"](x)


def reduces(name: str) -> bool:
    """Return True for a function whose second argument is read in the scope of the first, a collection."""
    return name in FUNCTIONS and verb_of(FUNCTIONS[name]).scoped


def reduced(name: str, collection: Any, value: Any) -> Any:
    """Return the reduction over `collection` of a value along it or coarser: ``count(C, condition)``."""
    node = members.seen_by(to_node(value), collection.axis, f"be a {name} over")
    return FUNCTIONS[name](Value(node))


def not_reducible(name: str, x: Any) -> HzdslError:
    """Return the error of ``min(a, b)`` and the like, where the first argument is no collection."""
    lesser = name in ("min", "max")
    fix = f"of two values: {name}imum(a, b)" if lesser else f"{name}(C, expression)"
    return HzdslError("arguments", f"{name} of two takes a collection first, not {described(x)}", fix=fix)


def no_method(owner: Any, name: str) -> HzdslError:
    """Return the error of a call of something that is no method."""
    known = list(verbs_of(type(owner)))
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
    if method_named(type(owner), name) is not None:
        raise HzdslError("attribute", f"'{name}' is a method", fix=f"call it: .{name}(…)")
    fix = of_attribute(name, verbs_of(type(owner)), described(owner), isinstance(owner, Value))
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
        if method_named(type(owner), name) is not None:
            raise HzdslError("attribute", f"'{name}' is a method", fix=f"call it: .{name}(…)") from None
        verb = did_you_mean(name, verbs_of(type(owner))) if e.code == "attribute" else None
        if verb and e.vague:
            e.fix = verb
        raise e


def check_strict(name: str, function: Function, arguments: Sequence[Any]) -> None:
    """Raise ``unit`` where the last argument of a mass slot is a bare number (for ``strict_units = true``)."""
    if not arguments or not verb_of(function).slot:
        return
    target = arguments[-1]
    if plain_number(target) and not isinstance(target, Quantity):
        raise HzdslError("unit", f"{name}: {target} has no unit, and strict_units is set", fix=f"write {target} {GEV}")
