"""Rows made of functions of registers: missing where any operand is."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir

Registers = list[ir.Value]
Plain = Callable[[Emitter, Node, Registers], ir.Value]


def strict(function: Plain) -> Row:
    """Make a row of a function of registers: missing where any operand is."""

    def row(e: Emitter, node: Node, env: Env) -> Val:
        values = [e.eval(a, env) for a in node.args]
        present = None
        for v in values:
            present = e.both(present, v.present)
        return Val((function(e, node, [v.value for v in values]),), present)

    return row


def operand_dtype(node: Node) -> DType:
    """Return the type of the first operand: that of all, where an operation needs them alike."""
    return node.args[0].type.dtype
