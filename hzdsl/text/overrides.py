"""``--set name=value``: new values of parameters, in the parameter's own dtype and unit."""

from __future__ import annotations

from math import isfinite
from typing import Any

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.ir.analysis import Document, Number, Parameter, check_bounds
from hzdsl.ir.types import DType
from hzdsl.ir.units import rescale
from hzdsl.lang.functions import plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.text.definitions import constant
from hzdsl.text.source import Source


def parse_override(text: str, document: Document) -> tuple[str, Number]:
    """Return the parameter that ``name=value`` sets, and the number in its own unit.

    Parameters
    ----------
    text : str
        As on the command line; a bare value is in GeV, cm, ns, pb.
    document : Document
        The analysis with its parameters.

    Raises
    ------
    HzdslError
        ``parameter`` for an unknown name, a value of another kind or out of its bounds; ``unit``; ``syntax``.
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    source = Source("--set", text)
    if not equals or not name:
        fix = "write --set name=value"
        raise HzdslError("parameter", f"'{text}' sets no parameter", fix=fix, place=source.place(0, len(text)))
    parameter = parameter_named(name, document, source.place(0, len(name)))
    start = len(text) - len(value)
    padded = Source("--set", " " * start + value)  # the columns of the user's own text
    try:
        return name, fitted(parameter, constant(padded))
    except HzdslError as e:
        if e.vague:  # nothing can be defined here
            e.fix = f"give {_wanted(parameter)}"
        if e.place is not None:
            e.place = source.place(max(e.place.column, start), e.place.end_column)
        raise e.at(source.place(start, len(text))) from None


def parameter_named(name: str, document: Document, place: Place | None = None) -> Parameter:
    """Return the parameter called `name`."""
    known = {p.name: p for p in document.parameters}
    if name not in known:
        listed = f"parameters: {', '.join(known)}" if known else "this analysis has no parameters"
        hint = did_you_mean(name, known)
        fix = listed if hint is None else f"{hint} {listed}"
        raise HzdslError("parameter", f"there is no parameter '{name}'", fix=fix, place=place)
    return known[name]


def fitted(parameter: Parameter, value: Any) -> Number:
    """Return a number, quantity or bool as a value of the parameter, checked against its bounds."""
    dtype, unit = parameter.node.type.dtype, parameter.node.type.unit
    if not plain_number(value) or isinstance(value, bool) != (dtype is DType.BOOL):
        message = f"parameter '{parameter.name}' is not {_shown(value)}"
        raise HzdslError("parameter", message, fix=f"give {_wanted(parameter)}")
    if isinstance(value, bool):
        return value
    number: Number = value.in_unit(unit) if isinstance(value, Quantity) else _in_own_unit(value, parameter)
    if dtype is DType.I64:
        if not isfinite(number) or number != int(number):
            raise HzdslError("parameter", f"parameter '{parameter.name}' is {number}", fix="give a whole number")
        number = int(number)
    check_bounds(parameter, number)
    return number


def _wanted(parameter: Parameter) -> str:
    unit = parameter.node.type.unit.natural().describe()
    return "true or false" if parameter.node.type.dtype is DType.BOOL else f"a number in {unit}"


def _in_own_unit(value: float, parameter: Parameter) -> Number:
    unit = parameter.node.type.unit
    if parameter.node.type.dtype is DType.I64:
        return value
    return rescale(float(value), unit.natural(), unit)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
