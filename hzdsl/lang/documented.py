"""What names mean: a line per branch, a table per collection; shown by ``?``, `doc` and in notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from hzdsl.errors import HzdslError
from hzdsl.ir.html import html_table
from hzdsl.ir.node import topological
from hzdsl.ir.print import axis_name, spell
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Particle
from hzdsl.lang.places import located
from hzdsl.lang.values import Value

T = TypeVar("T", bound=type)
Row = tuple[str, ...]
HEADER = ("attribute", "type", "meaning")


@located
def doc(x: Any) -> str:
    """Return what an expression means: of a branch its documentation, of an object the table of its attributes.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> hz.doc(ev.Muon.pt)
    'transverse momentum [GeV], branch Muon_pt'
    >>> hz.doc(ev.MET).splitlines()[0]
    'MET, one object per event'
    """
    if isinstance(x, Value):
        return x.doc
    title, rows = _described(x)
    return f"{title}\n{_aligned(rows)}"


def _described(x: Any) -> tuple[str, list[Row]]:
    """Return the heading and a row per name."""
    from hzdsl.lang.events import Events

    if isinstance(x, Events):
        return f"events of the schema '{x.schema.name}'", [(name, *_of(getattr(x, name))) for name in x.schema.names()]
    if isinstance(x, Particle):
        return _heading(x), attribute_rows(x)
    fix = "hz.doc(ev.Muon), hz.doc(ev.Muon.pt)"
    raise HzdslError("dtype", f"{x!r} is no expression with a meaning to show", fix=fix)


def _heading(x: Particle) -> str:
    from hzdsl.lang.collections import Collection
    from hzdsl.lang.objects import Object, Single

    if isinstance(x, Collection):
        return f"{axis_name(x.axis)}, a collection"
    if isinstance(x, Single):
        return f"{repr(x).strip('<>').removesuffix(' @ event')}, one object per event"
    if isinstance(x, Object):
        along = axis_name(x.reference.type.axis)
        missing = ", missing where there is none" if x.reference.type.optional else ""
        return f"{spell(x.reference, 100)}, one object per {along}{missing}"
    return f"{' + '.join(spell(r, 100) for r in x.references())}, a sum of objects"


def attribute_rows(x: Particle) -> list[Row]:
    """Return name, type and meaning of every attribute that an object has, stored and derived."""
    rows = []
    for name in x.attributes():
        try:
            rows.append((name, *_of(x.attribute(name))))
        except HzdslError:  # a derived attribute without what it derives from
            continue
    return rows


def _of(x: Any) -> Row:
    if isinstance(x, Value):
        return f"{x.node.type.dtype.value} {x.node.type.unit}".rstrip(), x.doc
    if isinstance(x, Particle):
        return "object", "a sum of objects" if x.record is None else f"one of {x.record.name}"
    if isinstance(x, Vec4):
        return "four-vector", "px, py, pz, energy and all that derives from them"
    return "family", repr(x).strip("<>")


def _aligned(rows: Sequence[Row]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER) - 1)] if rows else []
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)


def value_rows(x: Value) -> list[Row]:
    """Return what there is to say of a value."""
    type_ = x.node.type
    branches = columns_of(x)
    found = {
        "type": type_.dtype.value,
        "unit": str(type_.unit),
        "one per": axis_name(type_.axis),
        "may be missing": "yes" if type_.optional else "",
        "meaning": x.doc,
        "branches": ", ".join(branches),
    }
    return [(key, text) for key, text in found.items() if text]


def columns_of(x: Value) -> list[str]:
    """Return the branches that a value is computed from."""
    return list(dict.fromkeys(n.text("name") for n in topological([x.node]) if n.op == "column"))


def analysis_html(self: Any) -> str:
    """Return the regions, histograms, outputs and samples of an analysis as tables."""
    regions = [(r.name, "; ".join(c.label for c in r.cuts)) for r in self._regions.values()]
    histograms = [(key, "; ".join(spell(a.node, 200) for a in h.axes)) for key, h in self._histograms.items()]
    outputs = [(o.name, o.region or "every region", spell(o.node, 200)) for o in self._outputs.values()]
    samples = [(s.name, s.role, ", ".join(s.files)) for s in self._samples.values()]
    tables = (
        ("regions", ("name", "requirements"), regions),
        ("histograms", ("key", "of"), histograms),
        ("outputs", ("name", "region", "of"), outputs),
        ("samples", ("name", "role", "files"), samples),
    )
    shown = "".join(html_table(title, header, rows) for title, header, rows in tables if rows)
    return html_table(f"analysis {self.name}", (), ()) + shown


def region_html(self: Any) -> str:
    """Return the cuts of a region as a table."""
    rows = [(f"{i}.", c.label, spell(c.node, 200)) for i, c in enumerate(self.cuts, 1)]
    return html_table(f"region {self.name}", ("", "cut", "condition"), rows)


class _Doc:
    """``__doc__``: of the class its own text, of an instance what it means."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __get__(self, instance: Any, owner: type) -> str | None:
        return self._text if instance is None else doc(instance)


def self_documenting(kind: T) -> T:
    """Make ``?`` of IPython and `help` show what an instance means, and notebooks its table."""
    type.__setattr__(kind, "__doc__", _Doc(kind.__doc__))
    type.__setattr__(kind, "_repr_html_", _value_html if issubclass(kind, Value) else _object_html)
    return kind


def bind(kinds: Iterable[type]) -> None:
    """Make all of these document themselves."""
    for kind in kinds:
        self_documenting(kind)


def _value_html(self: Value) -> str:
    return html_table(spell(self.node, 400), (), value_rows(self))


def _object_html(self: Any) -> str:
    title, rows = _described(self)
    return html_table(title, HEADER, rows)
