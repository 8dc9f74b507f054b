"""How modifiers of a `histfactory_dist` say that they interpolate: by ROOT's numbers, or by the standard's words."""

from __future__ import annotations

from typing import Any, cast

from hzdsl.stats.documents import Value
from hzdsl.stats.templates.model import NormRule, ShapeRule

#: ROOT's numbers of FlexibleInterpVar, where 4 and 5 are the same (include/RooFit/Detail/MathFuncs.h).
_NORMS: dict[Any, NormRule] = {
    0: "code0",
    1: "code1",
    4: "code4",
    5: "code4",
    ("add", "poly1", None): "code0",
    ("mult", "exp", None): "code1",
    ("mult", "poly6", "exp"): "code4",
}
#: ROOT's numbers of PiecewiseInterpolation, where 2 and 3 are the same.
_SHAPES: dict[Any, ShapeRule] = {
    0: "code0",
    2: "code2",
    3: "code2",
    4: "code4p",
    ("add", "poly1", None): "code0",
    ("add", "poly2", "poly1"): "code2",
    ("add", "poly6", "poly1"): "code4p",
}
#: ROOT's numbers again, for what is written.
NORM_CODES: dict[NormRule, int] = {"code1": 1, "code4": 5}


def norm_rule(modifier: Value, default: Value | None) -> NormRule:
    """Return the interpolation of a normsys; ROOT's is code 4 where none is said."""
    return cast("NormRule", _rule(modifier, default, _NORMS, "code4"))


def shape_rule(modifier: Value, default: Value | None) -> ShapeRule:
    """Return the interpolation of a histosys; ROOT's is code 4p where none is said."""
    return cast("ShapeRule", _rule(modifier, default, _SHAPES, "code4p"))


def _rule(modifier: Value, default: Value | None, known: dict[Any, Any], otherwise: str) -> str:
    said = modifier.get("interpolation") or default
    if said is None:
        return otherwise
    if isinstance(said.data, dict):
        said.check(("type", "in", "out"))
        key: Any = tuple(said.data[k] for k in ("type", "in", "out"))
    else:
        key = said.integer
    found = known.get(key)
    if found is None:
        names = ", ".join(str(k) for k in known if isinstance(k, int))
        raise said.error("unsupported", f"is {key}, an interpolation that is not read", f"there are {names}")
    return str(found)
