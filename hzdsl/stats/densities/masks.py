"""Parameters that switch channels off."""

from __future__ import annotations

from hzdsl.ir.algebra import apply, chosen, number
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node


def where_shown(value: Node, mask: str | None) -> Node:
    """Return a value where a parameter is 0, else 0; without a mask the value."""
    if mask is None:
        return value
    return chosen(apply("eq", param(mask, 0.0), number(0)), value, number(0))
