"""The grammar against Python's own: precedence and associativity of random expressions."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from typing import Any

import pytest

from hzdsl.errors import HzdslError
from hzdsl.text import syntax as s
from hzdsl.text.parser import parse_block, parse_expression
from hzdsl.text.source import Source

BINARY = ["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]
PYTHON = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<",
    ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not",
}  # fmt: skip


def tree(text: str) -> s.Expr:
    return parse_expression(Source("test", text))


def of_python(node: Any) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return node.id
        case ast.BinOp():
            return (PYTHON[type(node.op)], of_python(node.left), of_python(node.right))
        case ast.UnaryOp():
            return (PYTHON[type(node.op)], of_python(node.operand))
        case ast.BoolOp():
            return ("and" if isinstance(node.op, ast.And) else "or", *(of_python(v) for v in node.values))
        case ast.Compare():
            parts = [(PYTHON[type(o)], of_python(c)) for o, c in zip(node.ops, node.comparators, strict=True)]
            return ("compare", of_python(node.left), *parts)
        case ast.Call():
            keywords = tuple((k.arg, of_python(k.value)) for k in node.keywords)
            return ("call", of_python(node.func), tuple(of_python(a) for a in node.args), keywords)
        case ast.Attribute():
            return (".", of_python(node.value), node.attr)
        case ast.Subscript():
            return ("[]", of_python(node.value), of_python(node.slice))
    raise AssertionError(node)


def of_text(e: Any) -> Any:
    match e:
        case s.Number() | s.String():
            return e.value
        case s.Name():
            return e.name
        case s.Chain():
            result = of_text(e.first)
            for op, x in e.rest:
                result = (op, result, of_text(x))
            return result
        case s.Power():
            return ("**", of_text(e.base), of_text(e.exponent))
        case s.Unary():
            return (e.op, of_text(e.operand))
        case s.Logic():
            return (e.op, *(of_text(x) for x in e.items))
        case s.Comparison():
            return ("compare", of_text(e.first), *((op, of_text(x)) for op, x in e.rest))
        case s.Call():
            keywords = tuple((k, of_text(v)) for k, v in e.keywords)
            return ("call", of_text(e.function), tuple(of_text(a) for a in e.arguments), keywords)
        case s.Attribute():
            return (".", of_text(e.owner), e.name)
        case s.Index():
            return ("[]", of_text(e.owner), of_text(e.key))
    raise AssertionError(e)


def random_text(rng: random.Random, depth: int) -> str:
    """Return a random expression of numbers and names, with and without parentheses."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(["1", "23", "4.5", "1e-3", ".5", "a", "b", "pt", "0"])
    sub = lambda: random_text(rng, depth - 1)  # noqa: E731
    kind = rng.randrange(9)
    if kind < 4:
        return f" {rng.choice(BINARY)} ".join(sub() for _ in range(rng.randint(2, 3)))
    if kind == 4:
        return f"{rng.choice('-+~')}{sub()}"
    if kind == 5:
        return f"({sub()})"
    if kind == 6:
        return f"({sub()} {rng.choice(COMPARE)} {sub()} {rng.choice(COMPARE)} {sub()})"
    if kind == 7:
        return f"({rng.choice(['', 'not '])}{sub()} {rng.choice(['and', 'or'])} {sub()} or {sub()})"
    return rng.choice([f"f({sub()}, k={sub()})", f"a[{sub()}]", f"b.c.d({sub()})", f"f(x)({sub()})[{sub()}].y"])


@pytest.mark.parametrize("seed", range(20))
def test_python_reads_it_alike(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        text = random_text(rng, rng.randint(1, 5))
        assert of_text(tree(text)) == of_python(ast.parse(text.strip(), mode="eval").body), text


ATOMS = ["a", "b", "1", "2.5", "x.y", "f(a)", "a[b]", "(a + b)", "f(x, k=2)"]
PREFIXES = ["", "", "", "", "-", "+", "~", "not ", "- ", "not not ", "--", "-~"]
INFIXES = [*BINARY, *COMPARE, " and ", " or "]


def flat_text(rng: random.Random) -> str:
    """Return operators and operands in a row, with signs anywhere: not always an expression."""
    parts = [rng.choice(PREFIXES) + rng.choice(ATOMS)]
    for _ in range(rng.randint(1, 7)):
        parts.append(rng.choice([" ", "", "  "]) + rng.choice(INFIXES) + rng.choice(PREFIXES) + rng.choice(ATOMS))
    return "".join(parts)


@pytest.mark.parametrize("seed", range(10))
def test_python_reads_rows_alike(seed: int) -> None:
    """Every operator beside every other without parentheses; what Python refuses is refused."""
    rng, read, refused = random.Random(seed), 0, 0
    for _ in range(300):
        text = flat_text(rng)
        try:
            wanted = of_python(ast.parse(text, mode="eval").body)
        except SyntaxError:
            refused += 1
            with pytest.raises(HzdslError, match=r"error\[syntax\]"):
                tree(text)
        else:
            read += 1
            assert of_text(tree(text)) == wanted, text
    assert read > 100
    assert refused > 50


@pytest.mark.parametrize("text", ["a - not (b)", "a == not b", "5 not", "x.or", "f(not = 1)", "and", "a not in b"])
def test_the_words_of_the_grammar_are_no_names(text: str) -> None:
    with pytest.raises(HzdslError, match=r"error\[syntax\]"):
        tree(text)


@pytest.mark.parametrize("text", ["not = 1", "and(x) = x", "f(or) = 1"])
def test_nor_can_they_be_defined(text: str) -> None:
    with pytest.raises(HzdslError, match=r"error\[syntax\]"):
        parse_block(Source("test", text))


@pytest.mark.parametrize("text", ["5 GeV**2", "5GeV**2", "5 GeV ** 2", "1e3 GeV**0.5"])
def test_a_quantity_takes_no_power(text: str) -> None:
    with pytest.raises(HzdslError, match="a quantity takes no power"):
        tree(text)
    assert of_text(tree("2 ** -1")) == ("**", 2, ("-", 1))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("-x**2", "-(x**2)"),
        ("2**-1**2", "2**(-(1**2))"),
        ("a - b - c", "(a - b) - c"),
        ("not a < b and c", "(not (a < b)) and c"),
        ("a or b and c", "a or (b and c)"),
        ("a | b == c & d", "(a | b) == (c & d)"),
        ("~a.b[1]", "~((a.b)[1])"),
        ("a +\n  b # why\n*\nc", "a + (b*c)"),
        ("f(a, b,)", "f(a, b)"),
    ],
)
def test_precedence(text: str, same: str) -> None:
    assert of_text(tree(text)) == of_text(tree(same))


@pytest.mark.parametrize("text", ["5 GeV", "5GeV", "5  GeV", "(5 GeV)"])
def test_quantities(text: str) -> None:
    assert s.shape(tree(text)) == ("Measure", 5, "GeV")


def test_unit_names_are_values_elsewhere() -> None:
    assert s.shape(tree("34.7 / fb")) == ("Chain", ("Number", 34.7), (("/", ("Name", "fb")),))
    assert s.shape(tree("1e-3 cm"))[:2] == ("Measure", 0.001)
    assert s.shape(tree("m < 5 and s")) == (
        "Logic", "and", (("Comparison", ("Name", "m"), (("<", ("Number", 5)),)), ("Name", "s"))
    )  # fmt: skip


def test_slices_strings_tuples() -> None:
    assert s.shape(tree("x[1:2]")) == ("Slice", ("Name", "x"), ("Number", 1), ("Number", 2))
    assert s.shape(tree("x[:]")) == ("Slice", ("Name", "x"), None, None)
    assert s.shape(tree("f('a b', \"#\")")) == ("Call", ("Name", "f"), (("String", "a b"), ("String", "#")), ())
    assert s.shape(tree("(a, b)")) == ("Tuple", (("Name", "a"), ("Name", "b")))


def test_blocks() -> None:
    block = """
# a comment
a = 1;   b = 2

f(x, y = 3) = x +
    # within
    y
c = (a
   + b)   # after
"""
    found = parse_block(Source("test", block))
    assert [d.name for d in found] == ["a", "b", "f", "c"]
    assert [p.name for p in found[2].parameters or ()] == ["x", "y"]
    assert found[0].parameters is None
    assert s.shape(found[3].body) == s.shape(tree("a + b"))


def test_positions() -> None:
    text = "count(good)  ==  4"
    e = tree(text)
    assert isinstance(e, s.Comparison)
    assert text[e.first.start : e.first.end] == "count(good)"
    assert text[e.start : e.end] == text


def test_long_and_deep() -> None:
    assert tree("+".join(["a"] * 2000)).depth == 2
    assert tree("(" * 150 + "a" + ")" * 150).depth == 151


def test_an_exponent_has_no_unit(refused: Callable[[str], str]) -> None:
    assert refused("define = 'x = 2 ** 5 GeV'").startswith("error[unit]: '**' between 2 and 5.0 GeV: an exponent has")
