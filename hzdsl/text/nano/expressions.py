"""Where an expression means something else in the dialect, said in this language.

Its arithmetic is in f64, so what is read is widened; numbers without a unit fit everything but momenta; and
``leading(o).x`` is ``max(o.x)``. The rest of it, functions and blocks, means the same in both and is read in both.
"""

from __future__ import annotations

from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV
from hzdsl.lang.collections import Collection
from hzdsl.lang.events import Events
from hzdsl.lang.functions import FUNCTIONS, described, plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value


def widened(x: Any) -> Any:
    """Return an input in f64: a value, or a collection all of whose attributes are."""
    if isinstance(x, Value):
        return x.as_f64() if x.node.type.dtype is DType.F32 else x
    if not isinstance(x, Collection) or x.record is None:
        return x
    stored = {name: x.attribute(name) for name in x.record.stored()}
    narrow = {n: v for n, v in stored.items() if isinstance(v, Value) and v.node.type.dtype is DType.F32}
    return x.assign(**{name: v.as_f64() for name, v in narrow.items()})


def branch_of_single(events: Events, name: str) -> Any | None:
    """Return what the dialect calls by the name of its branch: ``MET_pt`` is ``MET.pt``; None where nothing is."""
    owner, _, attribute = name.partition("_")
    single = events.schema.objects.get(owner)
    known = single is not None and single.single and attribute in single.fields
    return events.lookup(owner).attribute(attribute) if known else None  # type: ignore[union-attr]


def fitted(a: Any, b: Any) -> tuple[Any, Any]:
    """Return two operands of a comparison or a sum; a bare number beside anything but a momentum is in its unit."""
    return _beside(a, b), _beside(b, a)


def _beside(x: Any, other: Any) -> Any:
    bare = plain_number(x) and not isinstance(x, bool | Quantity)
    if not bare or not isinstance(other, Value):
        return x
    unit = other.node.type.unit
    return x if unit.dimensionless or unit.fits(GEV) else Quantity(x, unit.natural())


def greatest(objects: Any, attribute: str) -> Any:
    """Return ``max(o.x)``, which the dialect writes ``leading(o).x``."""
    if not isinstance(objects, Collection):
        raise HzdslError("arguments", f"leading takes a collection, not {described(objects)}")
    return FUNCTIONS["max"](objects.attribute(attribute))


def leading_differs(attribute: str) -> HzdslError:
    """Return the error of ``leading(o).attribute``, which the nano-spec dialect reads in its own way."""
    return HzdslError(
        "meaning-differs",
        f"leading(o).{attribute} is the greatest {attribute} of o in the nano-spec dialect, "
        f"and reads here as the {attribute} of the object with the greatest pt",
        fix=f"write max(o.{attribute}) or o.leading().{attribute}",
    )
