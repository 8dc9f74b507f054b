"""The functions that only the nano-spec dialect has; what they mean is the same in both, and both read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.lang.collections import Collection
from hzdsl.lang.functions import FUNCTIONS, described
from hzdsl.lang.objects import Particle
from hzdsl.lang.values import Value
from hzdsl.lang.verbs import verb


@verb(slot=True)
def closest_mass(a: Any, b: Any, target: Any) -> Value:
    """Return `nearer`, of candidates by their masses."""
    return _of_masses("nearer", a, b, target)


@verb(slot=True)
def other_mass(a: Any, b: Any, target: Any) -> Value:
    """Return `farther`, of candidates by their masses."""
    return _of_masses("farther", a, b, target)


def _of_masses(name: str, a: Any, b: Any, target: Any) -> Value:
    x, y = (v.attribute("mass") if isinstance(v, Particle) else v for v in (a, b))
    return FUNCTIONS[name](x, y, target)  # type: ignore[no-any-return]


def either_pair_pt(a: Any, b: Any, high: Any, low: Any) -> Value:
    """Return whether two of `a` or two of `b` pass `low` in pt, one of them `high`."""
    both = [_two_above(_collection(c), high, low) for c in (a, b)]
    return Value(build.logic("or", both[0].node, both[1].node))


def _two_above(c: Collection, high: Any, low: Any) -> Value:
    count, pt = FUNCTIONS["count"], c.attribute("pt")
    return (count(pt > high) >= 1) & (count(pt > low) >= 2)  # type: ignore[no-any-return]


def _collection(x: Any) -> Collection:
    if not isinstance(x, Collection):
        raise HzdslError("arguments", f"either_pair_pt takes collections, not {described(x)}")
    return x


#: By their names there.
DIALECT_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {f.__name__: f for f in (closest_mass, other_mass, either_pair_pt)}
)
