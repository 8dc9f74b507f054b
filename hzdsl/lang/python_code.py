"""How a piece of the user's Python that decides at once is written as an expression: their own line, mended."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from hzdsl.errors import Place
from hzdsl.lang.places import written

_LOGIC = {ast.And: "&", ast.Or: "|"}
_BITS = {ast.BitAnd: "&", ast.BitOr: "|"}
_RANGES = {(ast.Lt, ast.Lt): "", (ast.LtE, ast.LtE): "both", (ast.LtE, ast.Lt): "left", (ast.Lt, ast.LtE): "right"}
#: Python's functions of several values, and those of the language for values of every event.
_OF_TWO = {"max": "maximum", "min": "minimum"}
_REDUCTIONS = ("sum", "any", "all", "max", "min")


def decision(place: Place | None) -> str | None:
    """Return how to write what Python wanted a truth value for, None where that is not seen.

    Examples
    --------
    >>> decision(Place("", 1, "a > 1 and not b", 0, 15))
    'write (a > 1) & ~b'
    >>> decision(Place("", 1, "1 <= a < 3", 0, 10)), decision(Place("", 1, "max(a, b)", 0, 9))
    ('write a.between(1, 3, inclusive="left")', 'write hz.maximum(a, b)')
    """
    e = _expression(written(place))
    found = _logical(e) if isinstance(e, ast.BoolOp | ast.UnaryOp | ast.Compare | ast.Call) else None
    if found is not None:
        return f"write {found}"
    for statement in _statements(place):
        for node in ast.walk(statement):
            if isinstance(node, ast.If | ast.While) and e is not None and ast.dump(node.test) == ast.dump(e):
                test = ast.unparse(e)
                return f"values: hz.where({test}, a, b); elements: C[{test}]; events: a region that requires it"
            if isinstance(node, ast.IfExp) and e is not None and ast.dump(node.test) == ast.dump(e):
                return f"write hz.where({', '.join(map(ast.unparse, (node.test, node.body, node.orelse)))})"
    return None


def loop(place: Place | None) -> str | None:
    """Return how to write what Python wanted to loop over, None where that is not seen.

    Examples
    --------
    >>> loop(Place("", 1, "any(m.pt > 5 for m in mu)", 4, 25)), loop(Place("", 1, "sum(mu.pt)", 0, 10))
    ('write hz.any(mu.pt > 5)', 'write hz.sum(mu.pt)')
    """
    for statement in _statements(place):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
                name, x = node.func.id, node.args[0]
                inner = _of_each(x) if isinstance(x, ast.GeneratorExp | ast.ListComp) else ast.unparse(x)
                if inner is not None and name == "len":
                    return f"write hz.count({ast.unparse(x.value) if isinstance(x, ast.Attribute) else inner})"
                if inner is not None and name == "sorted":
                    return f"write {inner}.sort(key): ascending"
                if inner is not None and name in _REDUCTIONS:
                    return f"write hz.{name}({inner})"
            elif isinstance(node, ast.ListComp | ast.GeneratorExp) and (each := _of_each(node)) is not None:
                return f"write {each}: a value for each"
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
                return f"write hz.any({ast.unparse(node.comparators[0])} == {ast.unparse(node.left)})"
    return None


def called(place: Place | None) -> str | None:
    """Return what is called at a place, None where that is not seen.

    Examples
    --------
    >>> called(Place("", 1, "mu.p4().mass()", 0, 7))
    'mu.p4'
    """
    e = _expression(written(place))
    return ast.unparse(e.func) if isinstance(e, ast.Call) else None


def precedence(place: Place | None) -> str | None:
    """Return a comparison that ``&`` or ``|`` took an operand of, with the brackets that were meant.

    Examples
    --------
    >>> precedence(Place("", 1, "mu[mu.pt > 5*GeV & abs(mu.eta) < 2.4]", 11, 31))
    '(mu.pt > 5 * GeV) & (abs(mu.eta) < 2.4)'
    """
    for statement in _statements(place):
        for node in ast.walk(statement):
            if isinstance(node, ast.Compare):
                parts = list(_parts(node))
                if len(parts) > 1:
                    return " ".join(parts)
    return None


def _parts(e: ast.Compare) -> Iterator[str]:
    """Yield the conditions and operators of a comparison whose operands are joined by ``&`` or ``|``."""
    operators = [*e.ops, None]
    current: list[str] = []
    for operand, operator in zip((e.left, *e.comparators), operators, strict=True):
        *before, last = _joined(operand)
        for text, symbol in before:
            yield _condition([*current, text])
            yield symbol
            current = []
        current.append(last[0])
        if operator is not None:
            current.append(_symbol(operator))
    yield _condition(current)


def _joined(e: ast.expr) -> list[tuple[str, str]]:
    """Return what ``&`` and ``|`` join, each with the operator behind it."""
    if isinstance(e, ast.BinOp) and type(e.op) in _BITS:
        *before, (text, _) = _joined(e.left)
        return [*before, (text, _BITS[type(e.op)]), (ast.unparse(e.right), "")]
    return [(ast.unparse(e), "")]


def _condition(words: Sequence[str]) -> str:
    text = " ".join(words)
    return f"({text})" if len(words) > 1 or _needs_brackets(text) else text


def _needs_brackets(text: str) -> bool:
    return isinstance(_expression(text), ast.Compare | ast.BoolOp | ast.BinOp | ast.IfExp | ast.Lambda)


def _symbol(operator: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")]))[2:-2]


# ---- logic ---------------------------------------------------------------------------------------------------------


def _logical(e: ast.expr) -> str | None:
    """Return an expression of Python's logic in that of the language."""
    if isinstance(e, ast.BoolOp):
        return f" {_LOGIC[type(e.op)]} ".join(_bracketed(x) for x in e.values)
    if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Not):
        return f"~{_bracketed(e.operand)}"
    if isinstance(e, ast.Compare):
        return _chain(e)
    if isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and e.func.id in _OF_TWO and len(e.args) == 2:
        return f"hz.{_OF_TWO[e.func.id]}({', '.join(map(ast.unparse, e.args))})"
    return None


def _chain(e: ast.Compare) -> str | None:
    kinds = tuple(map(type, e.ops))
    operands = [ast.unparse(x) for x in (e.left, *e.comparators)]
    if kinds in _RANGES:
        low, _, high = operands
        inclusive = f', inclusive="{_RANGES[kinds]}"' if _RANGES[kinds] else ""
        return f"{_bracketed(e.comparators[0])}.between({low}, {high}{inclusive})"
    if kinds == (ast.In,) and isinstance(e.comparators[0], ast.List | ast.Tuple | ast.Set):
        return " | ".join(f"({operands[0]} == {ast.unparse(x)})" for x in e.comparators[0].elts)
    if len(kinds) > 1:
        pairs = zip(operands, e.ops, operands[1:], strict=False)
        return " & ".join(f"({a} {_symbol(op)} {b})" for a, op, b in pairs)
    return None


def _bracketed(e: ast.expr) -> str:
    text = _logical(e) or ast.unparse(e)
    return f"({text})" if _needs_brackets(text) else text


# ---- reading -------------------------------------------------------------------------------------------------------


def _of_each(e: ast.GeneratorExp | ast.ListComp) -> str | None:
    """Return what a comprehension says of each element, said of the collection; None for anything but one loop."""
    first = e.generators[0]
    if len(e.generators) > 1 or not isinstance(first.target, ast.Name):
        return None
    name, over = first.target.id, first.iter
    if first.ifs:
        test = first.ifs[0] if len(first.ifs) == 1 else ast.BoolOp(ast.And(), first.ifs)
        condition = _logical(_renamed(test, name, over)) or ast.unparse(_renamed(test, name, over))
        over = ast.Subscript(over, ast.Name(condition))
    return ast.unparse(_renamed(e.elt, name, over))


def _renamed(e: ast.expr, name: str, by: ast.expr) -> ast.expr:
    class Renaming(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return by if node.id == name else node

    found: ast.expr = Renaming().visit(ast.parse(ast.unparse(e), mode="eval").body)
    return found


def _expression(text: str) -> ast.expr | None:
    found = _statements_of(text.strip())
    return found[0].value if len(found) == 1 and isinstance(found[0], ast.Expr) else None


def _statements(place: Place | None) -> list[ast.stmt]:
    """Return the statement on the user's line, else the part at the place; the head of a block without its body."""
    text = "" if place is None else place.text.strip()
    text = text.removeprefix("el") if text.startswith("elif ") else text
    return _statements_of(text) or _statements_of(f"{text} pass") or _statements_of(written(place))


def _statements_of(text: str) -> list[ast.stmt]:
    """Return what a text says in Python; nothing where it says nothing."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
