"""Candidates as the dialect sees them: what its filters may ask, sums of what may be one particle, and conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.lang.collections import Collection
from hzdsl.lang.combined import leaf_objects
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.objects import Object, Particle, Sum
from hzdsl.lang.values import Value

#: How two particles are added: with a proof that they are different ones, or as the dialect does.
Add = Callable[[Particle, Particle], Particle]

_DELTA_R = ("dR", "dr", "delta_r", "deltaR", "min_dR", "min_dr", "min_delta_r", "min_deltaR")
_LEADING = ("leading_pt", "candidate_leading_pt")
_SUBLEADING = ("subleading_pt", "candidate_subleading_pt")


def leaves(particle: Particle) -> list[Particle]:
    """Return the particles that a candidate is made of; of anything else itself."""
    return [*leaf_objects(particle)] or [particle]


def pair_attributes(candidate: Particle | Sequence[Particle]) -> dict[str, Value]:
    """Return what the dialect's filters know of a candidate, or of its members: least ΔR, leading and subleading pt.

    Nothing where the members have no directions.
    """
    members = leaves(candidate) if isinstance(candidate, Particle) else list(candidate)
    if len(members) < 2:
        return {}
    try:
        distances = [FUNCTIONS["delta_r"](a, b) for a, b in combinations(members, 2)]
        pts = [m.attribute("pt") for m in members]
    except HzdslError:
        return {}
    nearest = distances[0]
    for distance in distances[1:]:
        nearest = FUNCTIONS["minimum"](nearest, distance)
    first, second = _two_greatest(pts)
    return {**dict.fromkeys(_DELTA_R, nearest), **dict.fromkeys(_LEADING, first), **dict.fromkeys(_SUBLEADING, second)}


def _two_greatest(values: Sequence[Any]) -> tuple[Any, Any]:
    least, greatest = FUNCTIONS["minimum"], FUNCTIONS["maximum"]
    first, second = greatest(values[0], values[1]), least(values[0], values[1])
    for x in values[2:]:
        first, second = greatest(first, x), greatest(second, least(first, x))
    return first, second


class FourVectors(Sum):
    """The sum of particles that may be one and the same: the dialect adds their four-vectors all the same."""

    def __init__(self, members: Mapping[str, Particle]) -> None:
        self.members = dict(members)  # without the proof that they are different

    def attribute(self, name: str) -> Any:
        if name == "legs":
            fix = "take the second of an object without the first: exclude, or A - x"
            raise HzdslError("identity", f"{self!r} may hold one particle twice, and has no legs", fix=fix)
        return super().attribute(name)

    def attributes(self) -> list[str]:
        return [n for n in super().attributes() if n != "legs"]


def add_particles(a: Particle, b: Particle) -> Particle:
    """Return the candidate of two objects; where they may be one particle, the sum of their four-vectors."""
    try:
        return a + b
    except HzdslError as e:
        if e.code != "identity":
            raise
        return FourVectors({"leg1": a, "leg2": b})


def total(parts: Sequence[Particle], add: Add) -> Particle:
    """Return the sum of several objects, added from left to right."""
    return reduce(add, parts)


def conditional(parts: Sequence[Particle], condition: Value, add: Add) -> list[Particle]:
    """Return the parts of a combination so that their sum is missing where the condition does not hold.

    The k-th of a list becomes the k-th of the list on that condition: what is known of two positions of one list, or
    of a list without certain particles, stays known. Where no part is such a one, the last part is chosen again.
    """
    if any(_is_nth(x) for part in parts for x in _terms(part)):
        return [_nth_on(part, condition, add) for part in parts]
    return [*parts[:-1], _chosen_on(parts[-1], condition, add)]


def _terms(particle: Particle) -> list[Particle]:
    if not isinstance(particle, Sum):
        return [particle]
    return [x for leg in particle.members.values() for x in _terms(leg)]


def _is_nth(particle: Particle) -> bool:
    return isinstance(particle, Object) and particle.reference.op == "nth"


def _nth_on(particle: Particle, condition: Value, add: Add) -> Particle:
    if isinstance(particle, Sum):
        return total([_nth_on(x, condition, add) for x in particle.members.values()], add)
    if not isinstance(particle, Object) or not _is_nth(particle) or particle.record is None:
        return particle
    return Collection(particle.record)[condition][particle.reference.number("i")]  # type: ignore[no-any-return]


def _chosen_on(particle: Particle, condition: Value, add: Add) -> Particle:
    if isinstance(particle, Sum):
        first, second = particle.members.values()
        return add(first, _chosen_on(second, condition, add))
    if not isinstance(particle, Object) or particle.record is None:
        raise HzdslError("unsupported", f"a filter on a combination with {particle!r} is not in this version")
    collection = Collection(particle.record)
    same = build.logic("and", (collection == particle).node, condition.node)
    return collection[Value(same)][0]  # type: ignore[no-any-return]
