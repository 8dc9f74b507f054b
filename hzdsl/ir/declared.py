"""The core spelling of a node, by the declaration of its operation."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator

from hzdsl.ir.literals import ATOM, CALL
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import BITS, OPS
from hzdsl.ir.spelling import Slot, Spelling, call, is_literal, listed, tried
from hzdsl.ir.templates import SCOPED
from hzdsl.ir.types import DType

#: LANGUAGE §6: | binds loosest, shifts tightest.
BIT_PRECEDENCE = {"or": 5, "and": 6, "shl": 7, "shr": 7}


def core(node: Node) -> Spelling:
    if node.op in SCOPED:
        return SCOPED[node.op](node)
    reader = _reader(node)
    operands = node.args if reader is None else tried(reader, node.args, node) or node.args
    if node.op == "bit" and node.text("name") not in BIT_PRECEDENCE:
        return Spelling(call(node.text("name"), *operands), CALL)
    return _declared(node, operands)


def _declared(node: Node, operands: tuple[Node, ...]) -> Spelling:
    """Return the spelling that the operation's declaration gives."""
    op = OPS[node.op]
    precedence = BIT_PRECEDENCE[node.text("name")] if node.op == "bit" else op.precedence
    attrs = {k: v.value if isinstance(v, DType) else v for k, v in node.attrs}
    attrs["symbol"] = BITS.get(str(attrs.get("name")))
    pieces: list[str | Slot] = []
    for text, i in _split(op.text):
        head, joined, tail = text.partition("{args}")
        if joined:
            pieces += [head, *listed([Slot(x) for x in operands]), tail]
            continue
        pieces.append(text.format(**attrs) if text else "")
        if i is not None:
            enclosed = text.endswith(("(", "[", ", "))
            dotted = op.precedence == CALL and not enclosed
            outer = 0 if enclosed else ATOM if dotted else precedence
            pieces.append(Slot(operands[i], outer, right=i > 0, as_value=_as_value(node, operands, i, dotted)))
    return Spelling(tuple(p for p in pieces if p != ""), precedence)


def _as_value(node: Node, operands: tuple[Node, ...], i: int, dotted: bool) -> bool:
    """Return whether a plain number must be said to be a value: before a dot, and where all operands are plain."""
    if i > 0 or not is_literal(operands[0]):
        return False
    if dotted or node.op == "eq":  # Python turns 5 == x round
        return True
    at_once = node.op == "abs" or OPS[node.op].precedence < CALL
    return at_once and all(is_literal(x) for x in operands)


def _split(template: str) -> Iterator[tuple[str, int | None]]:
    """Yield the text before each operand, and the operand's number; at last the text after them."""
    text = ""
    for before, name, _, _ in string.Formatter().parse(template):
        text += before
        if name is not None and name.isdigit():
            yield text, int(name)
            text = ""
        elif name is not None:
            text += f"{{{name}}}"
    yield text, None


def _reader(node: Node) -> Callable[..., Node] | None:
    """Return what reading the declared spelling calls, or None where it adds nothing to its operands."""
    from hzdsl.ir import build, members, tables

    op, dtype = node.op, node.type.dtype

    def rows(read: Callable[..., Node], *ops: str) -> dict[str, Callable[..., Node]]:
        return dict.fromkeys(ops, lambda *args: read(op, *args))

    readers: dict[str, Callable[..., Node]] = {
        **rows(build.arithmetic, "add", "sub", "mul", "div", "mod"),
        **rows(build.compare, "lt", "le", "eq"),
        **rows(build.logic, "and", "or"),
        **rows(build.function2, "atan2", "hypot"),
        **rows(members.reduce, "sum", "prod", "min", "max", "any"),
        "faddeeva": lambda x, y: build.faddeeva(node.text("part"), x, y),
        "bit": lambda a, b: build.bits(node.text("name"), a, b),
        "math": lambda x: build.function(node.text("name"), x),
        "cast": lambda x: build.cast(x, dtype),
        "shares": lambda a, b: make("shares", *build.on_common_axis(a, b)),
        "float_bits": tables.float_bits,
        "exists": lambda x: make("exists", x),
        "abs": build.absolute,
        "neg": build.neg,
        "pow": build.power,
        "where": build.where,
        "otherwise": build.otherwise,
    }
    return readers.get(op)
