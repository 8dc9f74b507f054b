"""Regions as written: a name, the cuts that requirements stand for, and regions made of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import analysis as ir
from hzdsl.ir.axes import EVENT
from hzdsl.ir.members import is_label
from hzdsl.ir.node import Node
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType
from hzdsl.lang.kinematics import COMPONENTS, DERIVED
from hzdsl.lang.objects import Particle
from hzdsl.lang.places import located
from hzdsl.lang.values import Value, to_node

#: What a region, or a weight, can be restricted to; the empty text of the document stands for both.
KINDS = {"simulation": "simulation", "data": "data", "both": ""}

#: A label that is the condition's own text is shortened beyond so many characters.
LONGEST = 200

Declare = Callable[["RegionHandle"], "RegionHandle"]


def _nowhere(region: RegionHandle) -> RegionHandle:
    """Leave a region to itself: one that no analysis has."""
    return region


class RegionHandle:
    """A region of an analysis, to be named by histograms, outputs and other regions.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> ana = hz.Analysis()
    >>> sr = ana.region("SR", {"two muons": hz.count(ev.Muon) == 2}, {"met": ev.MET.pt > 20*hz.GeV})
    >>> sr.without("met")
    <region SR without met: two muons>
    """

    def __init__(
        self, name: str, cuts: tuple[ir.Cut, ...], on: str = "", declare: Declare = _nowhere, doc: str = ""
    ) -> None:
        self.name, self.cuts, self.on, self._declare, self.doc = name, cuts, on, declare, doc

    def __repr__(self) -> str:
        return f"<region {self.name}: {' ; '.join(c.label for c in self.cuts)}>"

    @located
    def without(self, label: str) -> RegionHandle:
        """Return the region of all requirements but one (N-1), called ``NAME without LABEL``."""
        kept = tuple(c for c in self.cuts if c.label != label)
        if len(kept) == len(self.cuts):
            labels = [c.label for c in self.cuts]
            fix = did_you_mean(str(label), labels) or f"its requirements: {', '.join(map(repr, labels)) or 'none'}"
            raise HzdslError("name-unknown", f"region '{self.name}' has no requirement '{label}'", fix=fix)
        return self._declare(RegionHandle(f"{self.name} without {label}", kept, self.on, self._declare))

    @located
    def split(self, category: Value) -> list[RegionHandle]:
        """Return a region per label of a category, called ``NAME/LABEL``: this region where the category has it."""
        node = to_node(category)
        if node.type.dtype is not DType.LABEL:
            raise HzdslError(
                "dtype",
                f"region '{self.name}' is split by {spell(node, 80)}, which is no category",
                fix='hz.category({"0jet": n == 0, "1jet": n == 1})',
            )
        found = []
        for label in node.type.labels:
            condition = event_condition(f"what splits region '{self.name}'", Value(is_label(node, label)))
            cuts = (*self.cuts, ir.Cut(label, condition))
            found.append(self._declare(RegionHandle(f"{self.name}/{label}", cuts, self.on, self._declare)))
        return found

    def _repr_html_(self) -> str:
        from hzdsl.lang.documented import region_html

        return region_html(self)


def kind_of(what: str, on: Any) -> str:
    """Return the kind of sample that something is restricted to, "" for both."""
    if on not in KINDS:
        raise HzdslError("spec-value", f"{what} is on {on!r}", fix=f"one of {', '.join(KINDS)}")
    return KINDS[on]


def restriction(name: str, on: Any, bases: Sequence[RegionHandle]) -> str:
    """Return the kind of sample that fills a region: as said, else as the regions that it requires; "" for any."""
    inherited = {b.on for b in bases if b.on}
    if on == "" and len(inherited) < 2:
        return next(iter(inherited), "")
    said = "" if on == "" else kind_of(f"region '{name}'", on)
    if inherited - {said}:
        whose = " and ".join(f"'{b.name}' (on {b.on})" for b in bases if b.on)
        raise HzdslError("spec-value", f"region '{name}' requires {whose}", fix="leave on away, or require others")
    return said


def event_condition(what: str, x: Any) -> Node:
    """Return the node of a condition on the event, or say what else it is."""
    if isinstance(x, (bool, Particle)):
        raise HzdslError("dtype", f"{what} is {x!r}, not a condition on the event")
    node = to_node(x)
    if node.type.dtype is not DType.BOOL:
        raise HzdslError(
            "dtype", f"{what} is {node.type.dtype.value}: {spell(node, 80)}", fix="compare it with something"
        )
    if node.type.axis is not EVENT:
        assert node.type.axis is not None
        raise HzdslError(
            "axis",
            f"{what} has a value per {axis_name(node.type.axis)}: {spell(node, 80)}",
            fix="say of how many: any(…), all(…), count(…) >= n",
        )
    return node


def need_name(kind: str, name: Any) -> None:
    """Refuse a name that is not a text of at least one visible character."""
    if not isinstance(name, str) or not name.strip():
        raise HzdslError("spec-value", f"the name of a {kind} is {name!r}", fix="give it a name, such as 'signal'")


Requirement = Value | Mapping[str, Any] | RegionHandle


def cuts_of(region: str, requirement: Requirement) -> list[ir.Cut]:
    """Return the cuts that one requirement of a region stands for."""
    if isinstance(requirement, RegionHandle):
        return list(requirement.cuts)
    if isinstance(requirement, list | tuple) and all(isinstance(r, RegionHandle) for r in requirement):
        parts = ", ".join(r.name for r in requirement)
        what = f"region '{region}' requires one that is split into {parts or 'nothing'}"
        raise HzdslError("spec-value", what, fix="require one part, or the region as it was before it was split")
    if isinstance(requirement, Mapping):
        if wrong := [label for label in requirement if not isinstance(label, str)]:
            what = f"a requirement of region '{region}' is called {wrong[0]!r}"
            raise HzdslError("spec-value", what, fix='give a text: {"two muons": hz.count(mu) == 2}')
        return [_cut(region, x, label) for label, x in requirement.items()]
    return [_cut(region, requirement, None)]


def _cut(region: str, x: Any, label: str | None) -> ir.Cut:
    node = event_condition(f"a requirement of region '{region}'", x)
    return ir.Cut(spell(node, LONGEST), node, spelled=True) if label is None else ir.Cut(label, node)


#: Labels that are longer are hardly read.
READABLE = 60


def attributes_of(objects: Mapping[str, Particle]) -> dict[Node, str]:
    """Return how kinematics of named objects are called: ``z.mass``, also where legs of z have momenta of their own."""
    found: dict[Node, str] = {}
    for name, x in objects.items():
        for attribute in (*COMPONENTS, *DERIVED, "charge"):
            with suppress(HzdslError):  # not every object has every one of them
                value = x.attribute(attribute)
                if isinstance(value, Value):
                    found.setdefault(value.node, f"{name}.{attribute}")
    return found


def spelled_with(cut: ir.Cut, names: Mapping[Node, str]) -> ir.Cut:
    """Return a requirement with the names of definitions in its label, where that is the condition's text."""
    return replace(cut, label=spell(cut.node, LONGEST, names)) if cut.spelled else cut
