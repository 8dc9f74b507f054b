"""Golden syntax errors: what stands there, the caret, how it is written here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hzdsl.text.parser import parse_block, parse_expression
from hzdsl.text.source import Source

#: (expression, message, what the caret underlines, fix)
GOLDEN = [
    ("a && b", "'&&' is not an operator here", "&&", "write 'and'"),
    ("a || b", "'||' is not an operator here", "||", "write 'or'"),
    ("!a", "'!' is not an operator here", "!", "write 'not'"),
    ("pt = 5", "'=' is not an operator here", "=", "write '==' to compare"),
    ("pt^2", "'^' is not an operator here", "^", "write '**' for a power"),
    ("a ? b : c", "'?' is not an operator here", "?", "write where(condition, x, y)"),
    ("count(Muon", "'(' is never closed", "(", "add ')'"),
    ("Muon[pt > 5 GeV", "'[' is never closed", "[", "add ']'"),
    ("count(Muon))", "')' closes no '('", ")", None),
    ("f(x]", "']' closes no '['", "]", None),
    ("pt > 'abc", "the string is never closed", "'", "add '"),
    ("a @ b", "'@' is not expected here", "@", None),
    ("Sum$(x)", "'$' is not an operator here", "$", "write count(C) for Length$, sum(x) for Sum$, max(x) for Max$"),
    ("f(,)", "',' is not expected here", ",", "expected a value or ')'"),
    ("f(a=)", "')' is not expected here", ")", "expected a value"),
    ("a b", "'b' is not expected here", "b", "expected an operator"),
    ("x.5", "'5' is not expected here", "5", "expected a name"),
    ("5 GeV**2", "a quantity takes no power", "**", "put the quantity in parentheses: (5 GeV)**2"),
]


@pytest.mark.parametrize(("text", "said", "under", "fix"), GOLDEN, ids=[c[0] for c in GOLDEN])
def test_golden(text: str, said: str, under: str, fix: str | None, message: Callable[..., str]) -> None:
    found = message(lambda: parse_expression(Source("higgs4l.toml [regions.4mu] require[2]", text, 17))).splitlines()
    assert found[0] == f"error[syntax]: {said}"
    assert found[1] == "  at higgs4l.toml [regions.4mu] require[2]:17"
    assert found[2] == f"    {text}"
    start, end = found[3].index("^"), found[3].rindex("^") + 1
    assert found[2][start:end] == under
    if fix is not None:
        assert found[4] == f"  fix: {fix}"


def test_the_end(message: Callable[..., str]) -> None:
    assert message(lambda: parse_expression(Source("x", "a +"))) == (
        "error[syntax]: the text ends where a value is expected\n"
        "  at x:1\n"
        "    a +\n"
        "       ^"
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "   ", "\n", "# nothing"])
def test_empty(text: str, message: Callable[..., str]) -> None:
    found = message(lambda: parse_expression(Source("x", text)))
    assert found.startswith("error[syntax]: the expression is empty")


def test_the_line_of_a_block(message: Callable[..., str]) -> None:
    block = Source("x.toml define", "a = 1\nb = (2\nc = 3\n", 10)
    assert message(lambda: parse_block(block)) == (
        "error[syntax]: '(' is never closed\n"
        "  at x.toml define:11\n"
        "    b = (2\n"
        "        ^\n"
        "  fix: add ')'"
    )  # fmt: skip
    assert message(lambda: parse_block(Source("x", "a =\nb = 3"))) == (
        "error[syntax]: the line ends too early\n"
        "  at x:1\n"
        "    a =\n"
        "       ^\n"
        "  fix: expected a value; a continued line is indented"
    )  # fmt: skip


@pytest.mark.parametrize("text", ["a = b = c", "a == 3", "a = 1 b = 2"])
def test_one_definition_per_line(text: str, message: Callable[..., str]) -> None:
    found = message(lambda: parse_block(Source("x", text)))
    assert "fix: one definition per line, or ';' between them; '==' compares" in found


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "1" + ")" * 5000, "x" + "[x" * 500 + "]" * 500, "-" * 5000 + "1", "2**" * 999 + "1"]
)
def test_too_deep(text: str, message: Callable[..., str]) -> None:
    found = message(lambda: parse_expression(Source("x", text)))
    assert found.startswith("error[syntax]: the expression is nested more than 200 levels deep")


def test_too_many_digits(message: Callable[..., str]) -> None:
    assert "too many digits" in message(lambda: parse_expression(Source("x", "9" * 5000)))
