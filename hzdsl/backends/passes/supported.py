"""What loops over lanes cannot express is refused before anything is written, by name.

They hold f64, conditions and whole numbers that point or count. Numbers in f32 are held as f64: what moves or compares
them is exact, and arithmetic that would round to f32 is refused, as is whatever may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hzdsl.backends.passes.rows import ROWS
from hzdsl.backends.passes.schedule import PRODUCTS
from hzdsl.backends.passes.structure import LOOPS
from hzdsl.backends.passes.values import OWN, REFERENCES
from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Exact:
    """What an operation is exact on beside f64 and conditions: on numbers in f32, held as f64; on whole numbers."""

    f32: bool = False
    whole: bool = False


_BOTH, _WHOLE = Exact(f32=True, whole=True), Exact(whole=True)
#: By operation; all others are on f64 alone.
EXACT: Mapping[str, Exact] = MappingProxyType(
    {
        "const": _BOTH,
        "column": _BOTH,
        "lift": _BOTH,
        "take": _BOTH,
        "where": _BOTH,
        "stack": _BOTH,
        "otherwise": _BOTH,
        "cast": _BOTH,
        "eq": _BOTH,
        "lt": _BOTH,
        "le": _BOTH,
        "neg": _BOTH,
        "abs": Exact(f32=True),
        "add": _WHOLE,
        "sub": _WHOLE,
        "mul": _WHOLE,
        "search": _WHOLE,
        "entry": _WHOLE,
        "count": _WHOLE,
    }
)
_F64 = Exact()


def check(outputs: Sequence[Node]) -> None:
    """Refuse values that loops cannot find.

    Raises
    ------
    HzdslError
        ``unsupported``, with the first expression that has no place in a likelihood.
    """
    for output in outputs:
        if output.type.dtype is not DType.F64:
            raise _refusal(output, f"it is {output.type.dtype.value}", "ask for a number in f64")
    for node in topological(outputs):
        _check(node)


def _check(node: Node) -> None:
    if node.is_axis:
        if node.op != "event" and node.op not in LOOPS:
            raise _refusal(node, "selections and combinations are no loops here", "sum where(condition, x, 0) instead")
        return
    if node.type.optional:
        raise _refusal(node, "it may be missing", "say what it is then: x.otherwise(…)")
    if not any(node.op in table for table in (OWN, REFERENCES, PRODUCTS, ROWS)):
        raise _refusal(node, f"no loop is written for '{node.op}'", "express it by arithmetic, where and sums")
    if node.type.dtype is not DType.REF:
        _check_dtypes(node)


def _check_dtypes(node: Node) -> None:
    found = {node.type.dtype, *(a.type.dtype for a in node.args if not a.is_axis)}
    if DType.F32 in found:
        _need(node, EXACT.get(node.op, _F64).f32, "is rounded to f32", DType.F32)
    if any(t.integer for t in found):
        _need(node, EXACT.get(node.op, _F64).whole, "is arithmetic of whole numbers", DType.I64)
    if DType.U64 in found:
        raise _refusal(node, "unsigned numbers of 64 bits have no place here", "write it in f64")
    if node.op == "cast":
        _check_cast(node, node.args[0].type.dtype, node.type.dtype)


def _check_cast(node: Node, source: DType, dtype: DType) -> None:
    if source is DType.REF:
        raise _refusal(node, "it is an object's place in its list", "give it as a column")
    if dtype not in (source, DType.F64, DType.I64):
        raise _refusal(node, f"it is cast to {dtype.value}", "leave it in f64")
    if dtype is DType.I64 and source.floating:
        raise _refusal(node, "it cuts a number to a whole one", "use floor(x)")


def _need(node: Node, exact: bool, what: str, dtype: DType) -> None:
    rounds = OPS[node.op].family == "arithmetic" and node.op != "cast"
    if not exact or (rounds and node.type.dtype.integer and node.type.dtype is not dtype):
        raise _refusal(node, f"it {what}", "write it in f64")


def _refusal(node: Node, why: str, fix: str) -> HzdslError:
    return HzdslError("unsupported", f"a likelihood cannot hold {spell(node, 120)}: {why}", fix=fix)
