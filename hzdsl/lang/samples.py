"""Samples and luminosity, as written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import analysis as ir
from hzdsl.ir.units import NONE, PB
from hzdsl.lang.quantities import Quantity


def luminosity(x: Any) -> float | None:
    """Return a luminosity in 1/pb."""
    if x is None:
        return None
    if isinstance(x, Quantity):
        return x.in_unit(NONE / PB)
    if isinstance(x, int | float) and not isinstance(x, bool):
        return float(x)
    raise HzdslError("unit", f"luminosity is {x!r}", fix="write 34.7/fb, or a number in 1/pb")


def make_sample(
    name: str,
    files: str | Iterable[str],
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
    """Return a sample of the document; `role` and `kind` imply each other where one is missing."""
    if role not in (None, "signal", "background", "data"):
        raise HzdslError("spec-value", f"sample '{name}': role is '{role}'", fix="signal, background or data")
    if kind not in (None, "data", "simulation"):
        raise HzdslError("spec-value", f"sample '{name}': kind is '{kind}'", fix="data or simulation")
    kind = kind or ("data" if role == "data" else "simulation")
    role = role or ("data" if kind == "data" else "background")
    if (kind == "data") != (role == "data"):
        raise HzdslError("spec-value", f"sample '{name}' has kind '{kind}' and role '{role}'")
    if isinstance(xsec, Quantity):
        xsec = xsec.in_unit(PB)
    if kind == "data" and xsec is not None:
        raise HzdslError("spec-value", f"sample '{name}' is data and has a cross-section", fix="remove xsec, or kind")
    paths = (files,) if isinstance(files, str) else tuple(files)
    trees = (tree,) if isinstance(tree, str) else tuple(tree)
    return ir.Sample(
        name,
        paths,
        kind,
        role,
        process or name,
        label,
        xsec,
        nevt,
        scale,
        tuple(channels),
        trees,
        dict(templates),
    )
