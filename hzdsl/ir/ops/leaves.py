"""Leaves: constants, parameters, stored branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hzdsl.ir.axes import EVENT
from hzdsl.ir.ops.declare import STILL, Args, Attributes, Declarations, axis_of
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import Unit

if TYPE_CHECKING:
    pass

_axes = Declarations("axes")
_leaves = Declarations("leaves")


@_axes("event", "event", "The axis of the input's entries.", "count(Muon)  # @ event", STILL, precedence=13)
def _event(args: Args, attrs: Attributes) -> Type:
    return EVENT.type


@_leaves("const", "{value}", "A constant: i64, f64 or bool, with a unit.", "91.2 GeV", STILL, precedence=13, fixed=True)
def _const(args: Args, attrs: Attributes) -> Type:
    dtype, unit = attrs["dtype"], attrs["unit"]
    assert isinstance(dtype, DType)
    assert isinstance(unit, Unit)
    return Type(dtype, EVENT, unit)


@_leaves(
    "param", "{name}", "A named constant that `--set` overrides at run time.", "m_Z", STILL, precedence=13, fixed=True
)
def _param(args: Args, attrs: Attributes) -> Type:
    return _const(args, attrs)


@_leaves("column", "{name}", "A stored branch.", "Muon.pt", STILL, precedence=13)
def _column(args: Args, attrs: Attributes) -> Type:
    dtype, unit = attrs["dtype"], attrs["unit"]
    assert isinstance(dtype, DType)
    assert isinstance(unit, Unit)
    return Type(dtype, axis_of(args[0]), unit)


TABLE = {**_axes, **_leaves}
