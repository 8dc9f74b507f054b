"""Regions as written: a name, and the cuts that requirements stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import analysis as ir
from hzdsl.ir.axes import EVENT
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType
from hzdsl.lang.objects import Particle
from hzdsl.lang.values import Value, to_node


class RegionHandle:
    """A region of an analysis, to be named by histograms, outputs and other regions."""

    def __init__(self, name: str, cuts: tuple[ir.Cut, ...]) -> None:
        self.name, self.cuts = name, cuts

    def __repr__(self) -> str:
        return f"<region {self.name}: {' ; '.join(c.label for c in self.cuts)}>"


def need_name(kind: str, name: Any) -> None:
    """Refuse a name that is not a text of at least one visible character."""
    if not isinstance(name, str) or not name.strip():
        raise HzdslError("spec-value", f"the name of a {kind} is {name!r}", fix="give it a name, such as 'signal'")


Requirement = Value | Mapping[str, Any] | RegionHandle


def cuts_of(region: str, requirement: Requirement) -> list[ir.Cut]:
    """Return the cuts that one requirement of a region stands for."""
    if isinstance(requirement, RegionHandle):
        return list(requirement.cuts)
    if isinstance(requirement, Mapping):
        return [_cut(region, x, label) for label, x in requirement.items()]
    return [_cut(region, requirement, None)]


def _cut(region: str, x: Any, label: str | None) -> ir.Cut:
    if isinstance(x, (bool, Particle)):
        raise HzdslError("dtype", f"a requirement of region '{region}' is {x!r}, not a condition on the event")
    node = to_node(x)
    if node.type.dtype is not DType.BOOL:
        raise HzdslError(
            "dtype",
            f"a requirement of region '{region}' is {node.type.dtype.value}: {spell(node, 80)}",
            fix="compare it with something",
        )
    if node.type.axis is not EVENT:
        assert node.type.axis is not None
        raise HzdslError(
            "axis",
            f"a requirement of region '{region}' has a value per {axis_name(node.type.axis)}: {spell(node, 80)}",
            fix="say of how many: any(…), all(…), count(…) >= n",
        )
    return ir.Cut(label if label is not None else spell(node, 200), node)
