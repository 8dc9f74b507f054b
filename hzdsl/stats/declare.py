"""Parameters of likelihoods as users write them: values of the language, and the records found from their nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any, Literal

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import default_of
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.parameters import param
from hzdsl.lang.places import located
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.fields import is_finite, is_number, line, plain, positive, several, switch, wrong
from hzdsl.stats.parameters import Constraint, Counted, Normal, Parameter, Parameters


@dataclass(frozen=True)
class Measurement:
    """What else was measured of a parameter, as it was written: numbers may be quantities."""

    kind: Literal["normal", "counted"]
    numbers: tuple[Any, ...]


@located
def normal(center: Any, sigma: Any, sigma_low: Any = None) -> Measurement:
    """Return a normal measurement of a parameter; `sigma_low` is its uncertainty below the centre, if another.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.parameter("scale", 1.0, constraint=hz.normal(1.0, 0.01))
    <scale : f64 @ event>
    """
    return Measurement("normal", (center, sigma, sigma_low))


@located
def counted(count: float, scale: Any = 1.0) -> Measurement:
    """Return a Poisson measurement of a parameter: `count` were seen where `scale` times it is expected.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.parameter("background", 12.5, constraint=hz.counted(50, scale=4))
    <background : f64 @ event>
    """
    return Measurement("counted", (count, scale))


@located
def parameter(
    name: str,
    value: Any,
    *,
    bounds: tuple[Any, Any] | None = None,
    constraint: Measurement | None = None,
    fixed: bool = False,
    interest: bool = False,
    step: Any = None,
    groups: Sequence[str] | str = (),
    doc: str = "",
) -> Value:
    """Return a parameter of a likelihood: a value of the language, one number per fit.

    Parameters
    ----------
    name : str
        Its name; the same name is the same parameter, in all channels.
    value : float or Quantity
        Where fits start; its unit is that of the parameter.
    bounds : (low, high), optional
        Where it may go; None for an open end. Numbers in the unit of the value, or quantities.
    constraint : `normal` or `counted`, optional
        What else was measured of it.
    fixed, interest : bool
        Fits leave it alone; it is what is asked for.
    step : float or Quantity, optional
        About how far it may change before the likelihood does.
    groups : sequence of str, or str
        Groups of nuisance parameters that it belongs to.
    doc : str
        One line on what it means.

    Raises
    ------
    HzdslError
        ``parameter`` for numbers that make no sense, ``unit`` where they do not fit.

    Examples
    --------
    >>> import hzdsl as hz
    >>> from hzdsl import GeV, MeV
    >>> mass = hz.parameter("mass", 125*GeV, bounds=(120, 130*GeV), constraint=hz.normal(125.1*GeV, 200*MeV))
    >>> mass
    <mass : f64 GeV @ event>
    >>> parameter_of(mass.node).constraint
    Normal(center=125.1, sigma=0.2, sigma_low=None)
    """
    of = f"of parameter '{name}'"
    if not is_finite(value.value if isinstance(value, Quantity) else value):
        raise wrong(f"the value {of}", value, "a finite number or a quantity", "parameter")
    start = Quantity(float(value.value), value.unit) if isinstance(value, Quantity) else float(value)
    switch(f"fixed {of}", fixed, "parameter")
    switch(f"interest {of}", interest, "parameter")
    line(f"the doc {of}", doc, "parameter")
    made = param(name, start, bounds=None if bounds is None else _ends(name, bounds), doc=doc)
    unit = made.node.type.unit
    attrs = {
        "constraint": None if constraint is None else _measured(name, constraint, unit),
        "fixed": bool(fixed),
        "interest": bool(interest),
        "step": None if step is None else _positive(name, "step", step, unit),
        "groups": several(f"the groups {of}", groups, str, "parameter"),
    }
    return Value(make("param", **{**dict(made.node.attrs), **attrs}), made.doc)


def _ends(name: str, bounds: Any) -> tuple[Any, ...]:
    """Return bounds as the language takes them: numbers of Python, quantities or None."""
    given = tuple(bounds) if isinstance(bounds, Sequence | np.ndarray) and not isinstance(bounds, str) else ()
    if len(given) != 2:
        raise wrong(f"the bounds of parameter '{name}'", bounds, "bounds=(low, high)", "parameter")
    for end in given:
        if not (end is None or isinstance(end, Quantity) or is_number(end)):
            raise wrong(f"a bound of parameter '{name}'", end, "a number, a quantity, or None", "parameter")
    return tuple(map(plain, given))


def _measured(name: str, constraint: Any, unit: Unit) -> tuple[Any, ...]:
    """Return a constraint as plain numbers in the unit of its parameter."""
    if not isinstance(constraint, Measurement):
        fix = "hz.normal(center, sigma) or hz.counted(count)"
        raise HzdslError("parameter", f"the constraint of parameter '{name}' is {constraint!r}", fix=fix)
    if constraint.kind == "counted":
        count, scale = constraint.numbers
        if not (is_finite(count) and count >= 0):
            raise wrong(f"how often parameter '{name}' was counted", count, "a number, 0 or more", "parameter")
        return "counted", float(count), _positive(name, "scale", scale, NONE / unit)
    center, sigma, low = constraint.numbers
    below = None if low is None else _positive(name, "lower sigma", low, unit)
    return "normal", _number(name, "centre", center, unit), _positive(name, "sigma", sigma, unit), below


def _positive(name: str, what: str, given: Any, unit: Unit) -> float:
    return positive(f"the {what} of parameter '{name}'", _number(name, what, given, unit), "parameter")


def _number(name: str, what: str, given: Any, unit: Unit) -> float:
    """Return a number or quantity in the unit of a parameter, which bare numbers are in."""
    if isinstance(given, Quantity) and is_finite(given.value):
        return given.in_unit(unit)
    if not is_finite(given):
        raise wrong(f"the {what} of parameter '{name}'", given, "a number or a quantity", "parameter")
    return float(given)


# ---- the records ---------------------------------------------------------------------------------------------------


def parameter_of(node: Node) -> Parameter:
    """Return what the node of a parameter (of `parameter`, or `hzdsl.param`) says of it."""
    attrs: dict[str, Any] = dict(node.attrs)
    low, high = attrs.get("low"), attrs.get("high")
    return Parameter(
        node.text("name"),
        float(default_of(node)),
        -inf if low is None else low,
        inf if high is None else high,
        _constraint(attrs.get("constraint")),
        attrs.get("fixed", False),
        attrs.get("interest", False),
        attrs.get("step"),
        node.type.unit,
        attrs.get("groups", ()),
        attrs.get("doc", ""),
    )


def _constraint(given: Any) -> Constraint | None:
    if given is None:
        return None
    kind, *numbers = given
    return Normal(*numbers) if kind == "normal" else Counted(*numbers)


def parameters_in(roots: Iterable[Node]) -> Parameters:
    """Return the parameters that values depend on, in the order in which they are met.

    Raises
    ------
    HzdslError
        ``name-twice`` where one name has two definitions.
    """
    return Parameters(parameter_of(node) for node in parameter_nodes(roots).values())


def parameter_nodes(roots: Iterable[Node]) -> dict[str, Node]:
    """Return the nodes of the parameters that values depend on, by name."""
    found: dict[str, Node] = {}
    for node in topological(roots):
        if node.op == "param" and found.setdefault(node.text("name"), node) is not node:
            one, other = (parameter_of(n) for n in (found[node.text("name")], node))
            raise HzdslError(
                "name-twice",
                f"parameter '{one.name}' is defined twice: {_difference(one, other)}",
                fix="define it once and use the value everywhere, or call one of them otherwise",
            )
    return found


def _difference(one: Parameter, other: Parameter) -> str:
    """Return in what two definitions of a parameter differ."""
    fields = ("value", "low", "high", "constraint", "fixed", "interest", "step", "unit", "groups", "doc")
    differ = [f for f in fields if getattr(one, f) != getattr(other, f)]
    return "; ".join(f"{f} {getattr(one, f)} and {getattr(other, f)}" for f in differ) or "as numbers of two types"
