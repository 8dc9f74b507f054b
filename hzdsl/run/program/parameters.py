"""Values of parameters: those given, checked, and the defaults of the others."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Document, Parameter, check_bounds, default_of
from hzdsl.ir.types import DType

_WANTED: dict[DType, tuple[type, ...]] = {DType.BOOL: (bool,), DType.I64: (int,)}


def resolve(document: Document, given: Mapping[str, Number]) -> dict[str, Number]:
    """Return the value of every parameter in its own unit: the one given, or its default.

    Parameters
    ----------
    document : Document
        The analysis.
    given : mapping of str to number
        Numbers in each parameter's own unit, such as `hzdsl.text.Loaded.overrides`.

    Raises
    ------
    HzdslError
        `parameter` for an unknown name, a value of the wrong type or out of bounds.
    """
    known = {p.name: p for p in document.parameters}
    for name in given:
        if name not in known:
            fix = did_you_mean(name, known) or f"parameters: {', '.join(known) or 'none'}"
            raise HzdslError("parameter", f"the analysis '{document.name}' has no parameter '{name}'", fix=fix)
    values = {name: default_of(p.node) for name, p in known.items()}
    for name, value in given.items():
        values[name] = _checked(known[name], value)
    return values


def _checked(parameter: Parameter, value: Number) -> Number:
    dtype = parameter.node.type.dtype
    fits = isinstance(value, _WANTED.get(dtype, (int, float)))
    if not fits or isinstance(value, bool) != (dtype is DType.BOOL):
        raise HzdslError("parameter", f"parameter '{parameter.name}' ({dtype.value}) cannot be {value!r}")
    check_bounds(parameter, value)
    return float(value) if dtype is DType.F64 else value


def overridden(document: Document, values: Mapping[str, Number]) -> tuple[str, ...]:
    """Return the names of the parameters whose value is not the default."""
    return tuple(p.name for p in document.parameters if values[p.name] != default_of(p.node))


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
