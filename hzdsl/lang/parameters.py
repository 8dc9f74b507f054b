"""Parameters: named constants that a reviewer edits or overrides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.schema.model import with_unit
from hzdsl.ir import analysis as ir
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.places import located
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value


@located
def param(
    name: str, default: Any, *, bounds: tuple[Any, Any] | None = None, doc: str = "", unit: Unit | None = None
) -> Value:
    """Return a named parameter, overridden by ``--set name=value``.

    Parameters
    ----------
    name : str
        Its name.
    default : bool, int, float or Quantity
        Its value unless overridden; it says the dtype and unit, too.
    bounds : (low, high), optional
        Allowed values, in the unit of the default (bare) or quantities.
    doc : str
        A line of documentation.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.param("muon_min_pt", 5*hz.GeV, bounds=(0, 100), doc="least muon pt")
    <muon_min_pt : f64 GeV @ event>
    """
    if not isinstance(name, str) or not name.isidentifier():
        what = f"a parameter is called {name!r}, which no expression could name"
        raise HzdslError("parameter", what, fix="use letters, digits and _")
    if bounds is not None and not (isinstance(bounds, Sequence) and len(bounds) == 2):
        raise HzdslError("parameter", f"the bounds of parameter '{name}' are {bounds!r}", fix="bounds=(low, high)")
    value, own = (default.value, default.unit) if isinstance(default, Quantity) else (default, NONE)
    if not isinstance(value, bool | int | float):
        raise HzdslError(
            "parameter",
            f"the default of parameter '{name}' is {default!r}",
            fix="give a number, a quantity or a bool",
        )
    own = unit if unit is not None else own
    node = build.param(name, value, own)
    low, high = (_bound(node, b) for b in (bounds or (None, None)))
    if low is not None and high is not None and not low <= high:
        raise HzdslError("parameter", f"the bounds of parameter '{name}' are reversed", fix="bounds=(low, high)")
    made = make("param", **{**dict(node.attrs), "low": low, "high": high, "doc": doc})
    parameter(made)  # the default is within its bounds
    return Value(made, f"{with_unit(doc, own)}, parameter {name}".removeprefix(", "))


def _bound(node: Node, bound: Any) -> float | None:
    name, unit = node.text("name"), node.type.unit
    if bound is None:
        return None
    if isinstance(bound, Quantity) and unit == NONE:
        what = f"parameter '{name}' has no unit, and its bound is {bound}"
        raise HzdslError("unit", what, fix=f"default {ir.default_of(node)}*{bound.unit}?")
    if isinstance(bound, Quantity):
        return bound.in_unit(unit)
    if isinstance(bound, int | float) and not math.isnan(bound):
        return float(bound)
    raise HzdslError("parameter", f"a bound of parameter '{name}' is {bound!r}", fix="give a number or a quantity")


def parameter(node: Node) -> ir.Parameter:
    """Return the document's entry of a parameter's node, its default checked against its bounds."""
    attrs = dict(node.attrs)
    low, high = attrs.get("low"), attrs.get("high")
    entry = ir.Parameter(node.text("name"), node, (low, high), str(attrs.get("doc", "")))  # type: ignore[arg-type]
    ir.check_bounds(entry, ir.default_of(node))
    return entry
