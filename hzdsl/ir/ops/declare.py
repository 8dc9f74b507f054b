"""How an operation is declared, and what its rule may demand of operands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from hzdsl.errors import HzdslError
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, Unit
from hzdsl.records import dataclass

if TYPE_CHECKING:
    from hzdsl.ir.node import Node

#: No list of an event is longer; a position or bound beyond it is a mistake (and arithmetic on it could wrap).
MOST_POSITIONS = 2**31

Args = tuple["Node", ...]
Attributes = Mapping[str, Hashable]
Rule = Callable[[Args, Attributes], Type]
#: For each operand a node, or None where there is nothing to say of it.
Shares = Sequence["Node | None"]


@dataclass(frozen=True)
class Derivative:
    """How a result follows its operands: one of the kinds below; of none, it does not move when they move a little.

    Parameters
    ----------
    partials : callable
        Of arithmetic: ``node -> ∂node/∂operand`` for each operand, at the node's own positions (None: it does not
        follow that one).
    choice : callable
        Of a choice between the last two operands: ``node -> condition`` under which it is the first of them. The other
        may have a slope that is infinite or NaN there: it is never multiplied with 0.
    weights : callable
        Of a reduction, which leaves out what is missing: ``node -> ∂node/∂operand`` at the positions of the operand.
    forward, transpose : callable
        Of what moves values: ``(node, tangents) -> tangent`` and ``(node, adjoint) -> adjoints``, the transpose of the
        same linear map. A tangent is None of an operand that stays.
    refused : str
        Why there is none: a model that needs it is refused when it is built.
    """

    partials: Callable[[Node], Shares] | None = None
    choice: Callable[[Node], Node] | None = None
    weights: Callable[[Node], Node] | None = None
    forward: Callable[[Node, Shares], Node] | None = None
    transpose: Callable[[Node, Node], Shares] | None = None
    refused: str = ""

    @property
    def moves(self) -> bool:
        """Whether the result moves when operands move a little."""
        return any(x is not None for x in (self.partials, self.choice, self.weights, self.transpose))


#: Conditions, counts, references, choices: what does not move when numbers move a little.
STILL = Derivative()


@dataclass(frozen=True)
class Op:
    """One operation of the core.

    Parameters
    ----------
    name, family : str
        Its name, and the heading under which the reference lists it.
    infer : callable
        ``(args, attrs) -> Type``; raises where the operands do not fit.
    text, latex : str
        Spellings with ``{0}``, ``{1}`` for operands and ``{name}`` for attributes; ``{args}`` joins all operands.
    precedence : int
        Of the text spelling, by the table in LANGUAGE §6 (1 loosest, 13 an atom).
    doc, example : str
        One line each.
    strict : bool
        It is missing wherever an operand at its own position is.
    may_miss : bool
        It may be missing for a reason of its own, not only because an operand is.
    elsewhere : bool
        Its operands are read at other positions than its own: along another axis, or where a reference points.
    in_place : bool
        A reference into the very list that it is asked for at; not one that was stored, or carried from elsewhere.
    within : bool
        What it refers to is made of particles of the position that it is asked for at.
    implied : bool
        Nobody writes it: `hzdsl.ir.build` puts it around operands.
    fixed : bool
        Known before any event is read.
    compares : bool
        A comparison of two operands.
    one_unit : bool
        Arithmetic on numbers that must be in one unit.
    multiplies : bool
        A product or quotient: the units of its operands combine to its own.
    costly : bool
        It calls the C library, or costs as much.
    derivative : Derivative
        How it follows its operands.
    """

    name: str
    family: str
    infer: Rule
    text: str
    latex: str
    precedence: int
    doc: str
    example: str
    derivative: Derivative
    strict: bool = False
    may_miss: bool = False
    elsewhere: bool = False
    in_place: bool = False
    within: bool = False
    implied: bool = False
    fixed: bool = False
    compares: bool = False
    one_unit: bool = False
    multiplies: bool = False
    costly: bool = False


class Declarations(dict[str, Op]):
    """The operations of one family, filled while its module is read."""

    def __init__(self, family: str) -> None:
        super().__init__()
        self._family = family

    def __call__(
        self,
        name: str,
        text: str,
        doc: str,
        example: str,
        derivative: Derivative,
        *,
        latex: str | None = None,
        precedence: int = 12,
        **facts: bool,
    ) -> Callable[[Rule], Rule]:
        """Declare the operation whose rule is decorated; `facts` are those of `Op` that hold of it."""

        def register(rule: Rule) -> Rule:
            self[name] = Op(
                name, self._family, rule, text, latex or text, precedence, doc, example, derivative, **facts
            )
            return rule

        return register


def fail(code: str, message: str, fix: str | None = None) -> HzdslError:
    """Return an error of a rule."""
    return HzdslError(code, message, fix=fix)


def axis_of(node: Node) -> Node:
    """Return an operand that must be an axis."""
    if not node.is_axis:
        raise fail("dtype", "a collection is needed here, not a value", "pass the collection, e.g. Muon")
    return node


def same_axis(args: Args) -> Node:
    """Return the axis that all operands share."""
    axis = args[0].type.axis
    assert axis is not None, f"an axis where a value belongs: {args[0]!r}"
    assert all(a.type.axis is axis for a in args), "operands reach an operation unified: see hzdsl.ir.build"
    return axis


def need_condition(node: Node) -> None:
    """Refuse what is not a condition."""
    if node.type.dtype is not DType.BOOL:
        raise fail("dtype", f"a condition is needed here, not {node.type.dtype.value}", "compare it with something")


def need_number(node: Node, what: str) -> None:
    """Refuse what is not a number."""
    if not node.type.dtype.numeric:
        raise fail("dtype", f"{what} takes numbers, not {node.type.dtype.value}")


def target_of(node: Node) -> Node:
    """Return the axis an object refers to."""
    if node.type.target is None:
        raise fail("dtype", f"an object is needed here, not {node.type.dtype.value}")
    return node.type.target


def parent_of(axis: Node) -> Node:
    """Return the parent of an axis."""
    assert axis.type.axis is not None
    return axis.type.axis


def any_optional(args: Args) -> bool:
    """Return whether any operand may be missing."""
    return any(a.type.optional for a in args)


def shared_unit(args: Args) -> Unit:
    """Return the unit of operands that are in one unit."""
    units = {a.type.unit for a in args} - {ANY}
    assert len(units) <= 1, "operands reach an operation in one unit: see hzdsl.ir.build"
    return units.pop() if units else ANY


def accumulator(t: Type) -> DType:
    """Return in what many values are added: f32 in f32 as RVec does, integers in 64 bits."""
    if t.dtype.floating:
        return t.dtype
    return DType.U64 if t.dtype in (DType.U32, DType.U64) else DType.I64


def like_sum(args: Args, attrs: Attributes) -> Type:
    """Return the type of a sum: that of the operands."""
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, same_axis(args), shared_unit(args), any_optional(args))


def need_keys(axis: Node, keys: Args, what: str) -> None:
    """Refuse keys that cannot order the positions of `axis`."""
    if not keys:
        raise fail("arguments", f"{what} needs at least one key", f"e.g. Muon.{what}(-pt)")
    for key in keys:
        need_number(key, what)
        assert key.type.axis is axis
