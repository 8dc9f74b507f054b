"""Which particles an object is made of, in registers.

A position is what loops bind (`hzdsl.backends.codegen.positions`). The particles follow from it. Where a particle can
come from one collection only it is the element's number; where from several, the collection's number stands above it.
"""

from __future__ import annotations

from itertools import zip_longest

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import I1, I64
from hzdsl.backends.codegen.positions import Env, Position, Val, width
from hzdsl.ir.axes import ITEMS, STANDING, Slot, leaf_axes, leg_axes, stands_for, stored, target
from hzdsl.ir.node import Node
from hzdsl.native import ir
from hzdsl.records import dataclass

_SHIFT = 40
_NONE = -1


@dataclass(frozen=True)
class Particle:
    """One particle: the collections it may come from, its number, and whether there always is one."""

    slot: Slot
    number: ir.Value
    always: bool = True


Particles = list[Particle]


def particles_at(e: Emitter, axis: Node, env: Env) -> Particles:
    """Return the particles that the bound position of `axis` is made of."""
    base = stored(axis)
    if base.op in ITEMS:
        return [Particle((base,), env.at(base)[0])]
    if base.op in STANDING:
        return particles_at(e, stands_for(base), env.bind(stands_for(base), env.at(base)))
    if base.op == "union":
        return _of_union(e, base, env)
    if base.op == "legs":
        return [_of_leg(e, base, env)]
    return [p for leg, position in legs_of(axis, env) for p in particles_at(e, leg, env.bind(leg, position))]


def particles_of(e: Emitter, reference: Node, value: Val, env: Env) -> Particles:
    """Return the particles of an object; where it is missing they are arbitrary."""
    axis = target(reference)
    return particles_at(e, axis, env.enter(axis, safe(e, reference, value, env), certain=False))


def safe(e: Emitter, reference: Node, value: Val, env: Env) -> Position:
    """Return the position of an object, 0 where it is missing: every column buffer holds at least one element."""
    if value.present is None:
        return value.parts
    assert reference.type.axis is not None
    key = ("safe", reference, env.key(reference.type.axis))
    found: Position | None = e.find(key)
    if found is None:
        found = tuple(e.b.select(value.present, part, I64(0)) for part in value.parts)
        e.remember(key, found)
    return found


def legs_of(axis: Node, env: Env) -> list[tuple[Node, Position]]:
    """Return the axis and the position of each leg of a choice or product."""
    found, rest = [], env.at(axis)
    for leg in leg_axes(axis):
        found.append((leg, rest[: width(leg)]))
        rest = rest[width(leg) :]
    return found


def _of_union(e: Emitter, union: Node, env: Env) -> Particles:
    member, position = env.at(union)[0], env.at(union)[1:]
    first = e.b.icmp_signed("==", member, I64(0))
    sides = [particles_at(e, axis, env.bind(axis, position[: width(axis)])) for axis in union.args]
    found: Particles = []
    nobody = Particle((), I64(_NONE), always=False)
    for slot, (a, b) in zip(leaf_axes(union), zip_longest(*sides, fillvalue=nobody), strict=True):
        number = e.b.select(first, _in(e, a, slot), _in(e, b, slot))
        found.append(Particle(slot, number, a.always and b.always))
    return found


def _of_leg(e: Emitter, legs: Node, env: Env) -> Particle:
    (slot,), which = leaf_axes(legs), env.at(legs)[0]
    found: ir.Value = I64(_NONE)
    for k, reference in enumerate(legs.args):
        (particle,) = particles_of(e, reference, e.eval(reference, env), env)
        found = e.b.select(e.b.icmp_signed("==", which, I64(k)), _in(e, particle, slot), found)
    return Particle(slot, found)


def _in(e: Emitter, particle: Particle, slot: Slot) -> ir.Value:
    """Return a particle's number as it is held in a wider slot."""
    if len(slot) == 1 or len(particle.slot) != 1:
        return particle.number  # with several collections it carries its own; without any it is nobody
    named = e.b.or_(particle.number, I64(e.layout.collection_number(particle.slot[0]) << _SHIFT))
    return named if particle.always else e.b.select(_somebody(e, particle), named, I64(_NONE))


def _somebody(e: Emitter, particle: Particle) -> ir.Value:
    return I1(1) if particle.always else e.b.icmp_signed("!=", particle.number, I64(_NONE))


def same_particle(e: Emitter, a: Particle, b: Particle) -> ir.Value:
    """Return whether two particles are one and the same; nobody is not the same as nobody."""
    if not set(a.slot) & set(b.slot):
        return I1(0)
    if len(a.slot) == len(b.slot) == 1:
        equal = e.b.icmp_signed("==", a.number, b.number)
    else:
        both = tuple(dict.fromkeys((*a.slot, *b.slot)))
        equal = e.b.icmp_signed("==", _in(e, a, both), _in(e, b, both))
    return equal if a.always or b.always else e.b.and_(equal, _somebody(e, a))


def all_among(e: Emitter, mine: Particles, theirs: Particles) -> ir.Value:
    """Return whether every particle of the first is one of the second."""
    inside: ir.Value = I1(1)
    for particle in mine:
        found: ir.Value = e.b.not_(_somebody(e, particle))
        for other in theirs:
            found = e.b.or_(found, same_particle(e, particle, other))
        inside = e.b.and_(inside, found)
    return inside


def split(e: Emitter, particle: Particle) -> list[tuple[Node, ir.Value, ir.Value]]:
    """Return per collection: the element number, and whether the particle is of that collection."""
    somebody = _somebody(e, particle)
    if len(particle.slot) == 1:
        return [(particle.slot[0], particle.number, somebody)]
    element = e.b.and_(particle.number, I64((1 << _SHIFT) - 1))
    number = e.b.ashr(particle.number, I64(_SHIFT))
    return [
        (c, element, e.b.and_(somebody, e.b.icmp_signed("==", number, I64(e.layout.collection_number(c)))))
        for c in particle.slot
    ]
