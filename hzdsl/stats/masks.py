"""Parameters that switch channels off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hzdsl.ir.algebra import apply, chosen, number
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node


def where_shown(value: Node, mask: str | None) -> Node:
    """Return a value where a parameter is 0, else 0; without a mask the value."""
    if mask is None:
        return value
    return chosen(apply("eq", param(mask, 0.0), number(0)), value, number(0))


def channels_shown(channels: Iterable[str], masks: Mapping[str, str | None], x: Mapping[str, float]) -> tuple[str, ...]:
    """Return the channels that count where parameters have some values: those whose mask is 0, or that have none.

    Examples
    --------
    >>> channels_shown(("a", "b", "c"), {"a": "mask_a", "b": "mask_b"}, {"mask_a": 1.0, "mask_b": 0.0})
    ('b', 'c')
    """
    of = {c: masks.get(c) for c in channels}
    return tuple(c for c, mask in of.items() if mask is None or x[mask] == 0)
