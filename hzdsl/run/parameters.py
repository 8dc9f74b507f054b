"""Values of parameters: given by the caller, checked, converted to each parameter's own unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Document, Parameter, check_bounds, default_of
from hzdsl.ir.types import DType
from hzdsl.ir.units import Unit, rescale


@runtime_checkable
class WithUnit(Protocol):
    """A quantity (`hzdsl.lang.quantities.Quantity`), known here by its one method only."""

    def in_unit(self, unit: Unit) -> float:
        """Return the number in another unit of the same dimension."""
        ...


def resolve(document: Document, given: Mapping[str, object]) -> dict[str, Number]:
    """Return the value of every parameter in its own unit: the one given, or its default.

    Parameters
    ----------
    document : Document
        The analysis.
    given : mapping of str to number or quantity
        Bare numbers are in GeV, cm, ns, pb, whatever the unit of the parameter (LANGUAGE §5: a slot).

    Raises
    ------
    HzdslError
        `parameter` for an unknown name, a value of the wrong type or out of bounds, `unit`.
    """
    known = {p.name: p for p in document.parameters}
    for name in given:
        if name not in known:
            fix = did_you_mean(name, known) or f"parameters: {', '.join(known) or 'none'}"
            raise HzdslError("parameter", f"the analysis '{document.name}' has no parameter '{name}'", fix=fix)
    values = {name: default_of(p.node) for name, p in known.items()}
    for name, value in given.items():
        values[name] = _converted(known[name], value)
        check_bounds(known[name], values[name])
    return values


def _converted(parameter: Parameter, value: object) -> Number:
    dtype, unit = parameter.node.type.dtype, parameter.node.type.unit
    if isinstance(value, WithUnit):
        value = value.in_unit(unit)
    elif isinstance(value, int | float) and not isinstance(value, bool) and dtype is DType.F64:
        value = rescale(float(value), unit.natural(), unit)
    if dtype is DType.BOOL and isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and dtype is not DType.BOOL:
        if dtype is DType.F64:
            return float(value)
        if value == int(value):
            return int(value)
    wanted = {DType.BOOL: "true or false", DType.I64: "a whole number"}.get(dtype, f"a number {unit}".strip())
    raise HzdslError("parameter", f"parameter '{parameter.name}' is {value!r}", fix=f"give {wanted}")


def spelled(parameter: Parameter, value: Number) -> str:
    """Return a value with its unit, as text reads it.

    Examples
    --------
    >>> from hzdsl.ir.build import param
    >>> from hzdsl.ir.units import GEV
    >>> spelled(Parameter("x", param("x", 5.0, GEV)), 7.0)
    '7 GeV'
    """
    unit = str(parameter.node.type.unit)
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return f"{text.removesuffix('.0')} {unit}" if unit else text
