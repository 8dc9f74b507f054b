"""Samples and luminosity, as written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError, Together
from hzdsl.ir import analysis as ir
from hzdsl.ir.units import NONE, PB, parse_unit
from hzdsl.lang.numpy_calls import number_of
from hzdsl.lang.places import as_path
from hzdsl.lang.quantities import Quantity

_NUMBER_AND_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)


def luminosity(x: Any) -> float | None:
    """Return a luminosity in 1/pb, written as a quantity, a number in 1/pb or a text as in TOML.

    Raises
    ------
    HzdslError
        ``unit`` for another dimension or kind, ``spec-value`` where it is not positive and finite.

    Examples
    --------
    >>> luminosity("11.58 / fb")
    11580.0
    """
    if x is None:
        return None
    given = _read(x) if isinstance(x, str) else number_of(x)
    if isinstance(given, bool) or not isinstance(given, int | float | Quantity):
        raise HzdslError("unit", f"luminosity is {x!r}", fix="write 34.7/fb, or a number in 1/pb")
    value = given.in_unit(NONE / PB) if isinstance(given, Quantity) else given
    if not 0 < value < 1e300:  # (an integer may be too large for a float)
        raise HzdslError("spec-value", f"luminosity is {str(x)[:40]}", fix="give a positive number, e.g. 34.7/fb")
    return float(value)


def _read(text: str) -> Quantity | float | str:
    """Return the number or quantity of a text such as ``11.58 / fb``; the text itself where it is none."""
    found = _NUMBER_AND_UNIT.fullmatch(text)
    if found is None:
        return text
    unit = parse_unit(found[2])
    return float(found[1]) if unit == NONE else Quantity(float(found[1]), unit)


def _paths(files: Any) -> tuple[str, ...]:
    """Return the files of a sample as texts."""
    if isinstance(files, Mapping):
        raise HzdslError("arguments", "the files of a sample are a path or a list of them", fix="one sample for each")
    given = [files] if isinstance(files, str | os.PathLike) or not isinstance(files, Iterable) else files
    return tuple(as_path(f, "a file of a sample") for f in given)


def make_sample(
    name: str,
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    xsec: Any,
    nevt: Any,
    scale: float,
    kind: str | None,
    role: str | None,
    process: str,
    label: str,
    channels: Sequence[str],
    tree: str | Sequence[str],
    templates: Mapping[str, tuple[str, str]],
) -> ir.Sample:
    """Return a sample of the document; `role` and `kind` imply each other where one is missing.

    Raises
    ------
    HzdslError
        `spec-value`, `unit`, `arguments`: for what cannot be, or contradicts itself.
    """
    xsec = _cross_section(name, xsec, kind, role)
    kind = kind or ("data" if role == "data" else "simulation")
    role = role or ("data" if kind == "data" else "background")
    _check_contradictions(name, xsec, kind, role)
    _check_types(name, nevt, scale, channels=channels, tree=tree)
    return ir.Sample(
        name,
        _paths(files),
        kind,
        role,
        process or name,
        label,
        xsec,
        nevt,
        scale,
        (channels,) if isinstance(channels, str) else tuple(channels),
        (tree,) if isinstance(tree, str) else tuple(tree),
        dict(templates),
    )


def _cross_section(name: str, xsec: Any, kind: str | None, role: str | None) -> Any:
    """Return the cross-section in pb, after checking the words beside it; all that is wrong is said at once."""
    checks = Together()
    with checks:
        if role not in (None, "signal", "background", "data"):
            raise HzdslError("spec-value", f"sample '{name}': role is '{role}'", fix="signal, background or data")
    with checks:
        if kind not in (None, "data", "simulation"):
            raise HzdslError("spec-value", f"sample '{name}': kind is '{kind}'", fix="data or simulation")
    with checks:
        if isinstance(xsec, Quantity):
            xsec = xsec.in_unit(PB)
    checks.done()
    return xsec


def _check_contradictions(name: str, xsec: Any, kind: str, role: str) -> None:
    if (kind == "data") != (role == "data"):
        raise HzdslError("spec-value", f"sample '{name}' has kind '{kind}' and role '{role}'")
    if kind == "data" and xsec is not None:
        raise HzdslError("spec-value", f"sample '{name}' is data and has a cross-section", fix="remove xsec, or kind")


def _check_types(name: str, nevt: Any, scale: Any, **lists: Any) -> None:
    if isinstance(nevt, str) and nevt != "Runs":
        raise HzdslError("spec-value", f"sample '{name}' has nevt = {nevt!r}", fix='a number, or "Runs"')
    if isinstance(scale, bool) or not isinstance(scale, int | float):
        raise HzdslError("spec-value", f"sample '{name}' has scale = {scale!r}", fix="give a number")
    for what, texts in lists.items():
        if not isinstance(texts, str | list | tuple):
            raise HzdslError("spec-value", f"sample '{name}' has {what} = {texts!r}", fix="give a list of names")
