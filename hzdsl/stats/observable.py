"""What unbinned channels measure: one number per row, within a range."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.places import located
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value
from hzdsl.stats.fields import bounds, is_finite, line, number, wrong

#: The axis along which measured values vary: one position per row. A model gives each of its channels one of its own.
ROWS = make("collection", EVENT, name="rows")

#: From low to high, in the unit of an observable.
Range = tuple[float, float]


@located
def observable(name: str, low: Any, high: Any, *, doc: str = "") -> Value:
    """Return an observable of unbinned models: a number for each row of data, between `low` and `high`.

    Parameters
    ----------
    name : str
        Of the column that holds it.
    low, high : float or Quantity
        Its range; its unit is that of `low`.
    doc : str
        One line on what it means.

    Raises
    ------
    HzdslError
        ``arguments`` for a range that is none, ``unit`` where its ends do not fit.

    Examples
    --------
    >>> import hzdsl as hz
    >>> from hzdsl import GeV
    >>> hz.observable("m", 105*GeV, 160*GeV)
    <rows.m : f64 GeV @ rows>
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise HzdslError("arguments", f"an observable is called {name!r}", fix="use letters, digits and _")
    unit = next((x.unit for x in (low, high) if isinstance(x, Quantity)), NONE)
    ends = _range((low, high), unit, f"observable '{name}'")
    line(f"the doc of observable '{name}'", doc, "arguments")
    node = make("column", ROWS, name=name, attr=name, dtype=DType.F64, unit=unit, low=ends[0], high=ends[1])
    return Value(node, doc or f"observable {name}")


def observable_node(x: Any) -> Node:
    """Return the node of an observable, or raise ``arguments``."""
    node = x.node if isinstance(x, Value) else None
    if node is None or node.op != "column" or node.type.axis is not ROWS:
        raise HzdslError(
            "arguments", f"an observable is needed here, not {x!r}", fix='x = hz.observable("m", low, high)'
        )
    return node


def range_of(node: Node) -> Range:
    """Return the range of an observable."""
    attrs: dict[str, Any] = dict(node.attrs)
    return attrs["low"], attrs["high"]


def intervals(given: Sequence[Any] | None, node: Node) -> tuple[Range, ...]:
    """Return fit ranges of an observable: all of its own, or some within it, in order and apart.

    Raises
    ------
    HzdslError
        ``arguments`` where they overlap or leave the range of the observable, ``unit`` where they do not fit.
    """
    whole, name = range_of(node), node.text("name")
    if given is None:
        return (whole,)
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise HzdslError("arguments", f"the ranges of '{name}' are {given!r:.60}", fix="ranges=[(low, high)]")
    found = tuple(sorted(_range(pair, node.type.unit, f"a range of '{name}'") for pair in given))
    if not found:
        raise HzdslError("arguments", f"'{name}' has no range at all", fix="ranges=[(low, high)]")
    outside = [r for r in found if r[0] < whole[0] or r[1] > whole[1]]
    if outside:
        raise HzdslError(
            "arguments", f"the range {outside[0]} of '{name}' leaves its own, {whole}", fix="stay within it"
        )
    for a, b in pairwise(found):
        if b[0] < a[1]:
            raise HzdslError("arguments", f"the ranges {a} and {b} of '{name}' overlap", fix="join them")
    return found


def _range(pair: Any, unit: Unit, what: str) -> Range:
    if not (isinstance(pair, Sequence) and len(pair) == 2):
        raise HzdslError("arguments", f"{what} is {pair!r}", fix="(low, high)")
    low, high = (number_in(x, unit, what) for x in pair)
    bounds(what if unit.dimensionless else f"{what}, in {unit}", low, high, "arguments")
    return low, high


def number_in(x: Any, unit: Unit, what: str) -> float:
    """Return a number or quantity as a finite number of a unit; 0 fits every unit.

    Raises
    ------
    HzdslError
        ``unit`` or ``arguments``.
    """
    if isinstance(x, Quantity):
        return number(what, x.in_unit(unit), "arguments")
    if not is_finite(x):
        raise wrong(what, x, "a finite number or a quantity", "arguments")
    if x != 0 and not unit.dimensionless:
        raise HzdslError("unit", f"{what} is in {unit}, and {x} is a plain number", fix=f"write {x}*{unit}")
    return float(x)


def constant(x: float, unit: Unit) -> Value:
    """Return a number of a unit as a value."""
    return Value(build.const(float(x), unit))
