"""Tables of numbers and keyed random numbers: what corrections, luminosity masks and look-up tables expand into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hzdsl.ir.numbers import Numbers
from hzdsl.ir.ops.declare import STILL, Args, Attributes, Declarations, Derivative, any_optional, fail, same_axis
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import Unit

if TYPE_CHECKING:
    from hzdsl.ir.node import Node

_tables = Declarations("tables")
_STAIRS = Derivative(refused="in which bin a number lies is a staircase")
_BITS = Derivative(refused="the bits of a number are no smooth function of it")


@_tables(
    "search",
    "search({0}, edges = ({edges}))",
    "How many of the ascending edges are at or below x; 0 for NaN.",
    "search(Muon.pt, edges = (20 GeV, 30 GeV, 50 GeV))",
    _STAIRS,
    strict=True,
    costly=True,
)
def _search(args: Args, attrs: Attributes) -> Type:
    x, edges = args[0].type, attrs["edges"]
    assert isinstance(edges, Numbers)
    assert x.dtype is edges.dtype, "numbers reach search in the dtype of its edges: see hzdsl.ir.tables"
    assert edges.ascending
    return Type(DType.I64, x.axis, optional=x.optional)


@_tables(
    "entry",
    "entry({0}, values = ({values}))",
    "The i-th of a row of numbers, from 0; missing beyond either end.",
    "entry(search(Muon.pt, edges = (20 GeV, 30 GeV)), values = (0.9, 0.95, 1.0))",
    STILL,
    strict=True,
    may_miss=True,
)
def _entry(args: Args, attrs: Attributes) -> Type:
    index, values, unit = args[0].type, attrs["values"], attrs["unit"]
    assert isinstance(values, Numbers)
    assert isinstance(unit, Unit)
    assert index.dtype is DType.I64
    if not len(values):
        raise fail("arguments", "a table needs at least one value")
    return Type(values.dtype, index.axis, unit, index.optional or not surely_within(args[0], len(values)))


def surely_within(index: Node, n: int) -> bool:
    """Return True where an index is proved to lie in 0 … n-1, whatever the data."""
    found = index_range(index)
    return found is not None and found[0] >= 0 and found[1] < n


def index_range(node: Node) -> tuple[int, int] | None:
    """Return the least and greatest value that an integer can have, as far as its expression shows; else None.

    Only what tables are made of is looked at: counts of edges, constants, their sums and multiples, choices. Never
    recursive, and every part once: an index may be a sum of thousands of terms.
    """
    known: dict[Node, Range | None] = {}
    stack = [node]
    while stack:
        at = stack[-1]
        todo = [a for a in _looked_at(at) if a not in known]
        if todo:
            stack += todo
        else:
            known[stack.pop()] = _range(at, [known[a] for a in _looked_at(at)])
    return known[node]


Range = tuple[int, int]


def _looked_at(node: Node) -> Args:
    return {"lift": node.args[:1], "where": node.args[1:], "add": node.args, "mul": node.args}.get(node.op, ())


def _range(node: Node, ranges: list[Range | None]) -> Range | None:
    """Return the range of a node of these operands."""
    if node.op == "const" and node.type.dtype is DType.I64:
        return node.number("bits"), node.number("bits")
    if node.op == "search":
        edges = node.attr("edges")
        assert isinstance(edges, Numbers)
        return 0, len(edges)
    known = [r for r in ranges if r is not None and max(abs(r[0]), abs(r[1])) <= 2**31]
    if not ranges or len(known) < len(ranges):
        return None  # (beyond 31 bits a product could wrap)
    if node.op in ("lift", "where"):
        return min(r[0] for r in known), max(r[1] for r in known)
    (a, b), (c, d) = known
    if node.op == "add":
        return a + c, b + d
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


@_tables(
    "random",
    "random({args}, seed = {seed})",
    "A number in [0, 1), uniform in 53 bits, that depends on integer keys and a seed alone.",
    "random(run, event, seed = 42)",
    STILL,
    strict=True,
    costly=True,
)
def _random(args: Args, attrs: Attributes) -> Type:
    if not args:
        raise fail("arguments", "random needs at least one key", "e.g. random(run, event, seed = 42)")
    assert all(a.type.dtype is DType.U64 for a in args)
    return Type(DType.F64, same_axis(args), optional=any_optional(args))


@_tables(
    "float_bits",
    "float_bits({0})",
    "The 64 bits of an f64 as u64, every NaN as the quiet one: a number as a key.",
    "float_bits(Muon.pt)",
    _BITS,
    strict=True,
)
def _float_bits(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is DType.F64
    return Type(DType.U64, args[0].type.axis, optional=args[0].type.optional)


TABLE = {**_tables}
