"""The elaborator of the text form, with the meanings that ADL adds: numbers without units, negation of the missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hzdsl.ir.types import DType
from hzdsl.lang.functions import plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value
from hzdsl.text import operators
from hzdsl.text import syntax as s
from hzdsl.text.adl.nodes import Denied, Elsewhere, Fitted, Known
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.names import Steps
from hzdsl.text.scope import Scope


class AdlElaborator(Elaborator):
    """Evaluates what the lines of an ADL file were translated to."""

    def _steps(self, part: Any, scope: Scope) -> Steps:
        if isinstance(part, Known):
            return _known(part)
        if isinstance(part, Fitted):
            return self._fitted(part, scope)
        if isinstance(part, Denied):
            return self._denied(part, scope)
        if isinstance(part, Elsewhere):
            return _elsewhere(part, scope)
        return super()._steps(part, scope)

    def _fitted(self, e: Fitted, scope: Scope) -> Steps:
        operands = []
        for operand in _operands(e.whole):
            operands.append((yield operand, scope))
        parts = _operands(e.whole)
        made = [Known(p.start, p.end, 1, x) for p, x in zip(parts, fitted(operands), strict=True)]
        return (yield _rebuilt(e.whole, made), scope)

    def _denied(self, e: Denied, scope: Scope) -> Steps:
        value = yield e.operand, scope
        if isinstance(value, Value) and value.node.type.optional and value.node.type.dtype is DType.BOOL:
            value = value.otherwise(False)
        return operators.unary("not", value)


def fitted(operands: Sequence[Any]) -> list[Any]:
    """Return operands with bare numbers in the natural unit (GeV, cm) of the first one that has a dimension.

    ``0`` has none and needs none; ``0.0`` has that of the others.
    """
    units = [x.node.type.unit for x in operands if isinstance(x, Value)]
    unit = next((u.natural() for u in units if not u.dimensionless and not u.anything), None)
    if unit is None:
        return list(operands)
    return [Quantity(1.0, unit) * x if _bare(x) else x for x in operands]


def _bare(x: Any) -> bool:
    return plain_number(x) and not isinstance(x, bool | Quantity) and repr(x) != "0"


def _operands(e: s.Expr) -> tuple[s.Expr, ...]:
    if isinstance(e, s.Call):
        return e.arguments
    assert isinstance(e, s.Chain | s.Comparison)
    return (e.first, *(x for _, x in e.rest))


def _rebuilt(e: s.Expr, operands: Sequence[s.Expr]) -> s.Expr:
    if isinstance(e, s.Call):
        return replace(e, arguments=tuple(operands))
    assert isinstance(e, s.Chain | s.Comparison)
    rest = tuple((op, x) for (op, _), x in zip(e.rest, operands[1:], strict=True))
    return replace(e, first=operands[0], rest=rest)


def _known(e: Known) -> Steps:
    return e.value
    yield


def _elsewhere(e: Elsewhere, scope: Scope) -> Steps:
    return (yield e.inner, replace(scope, source=e.source))
