"""Syntax errors in the user's words: what stands there, what was expected, and how it is written here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hzdsl.errors import HzdslError
from hzdsl.lalr import END, UnexpectedError
from hzdsl.text.source import Source

#: What other languages write, and how it is written here.
_FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        "&&": "write 'and'",
        "||": "write 'or'",
        "!": "write 'not'",
        "=": "write '==' to compare",
        "?": "write where(condition, x, y)",
        "$": "write count(C) for Length$, sum(x) for Sum$, max(x) for Max$",
    }
)
_BRACKETS = {")": "(", "]": "["}
_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "RPAR": "')'",
    "RSQB": "']'",
    "COMMA": "','",
    "COLON": "':'",
    "EQUAL": "'='",
    "DOT": "'.'",
}
_ATOM = {"NAME", "NUMBER", "STRING"}
_VALUE = _ATOM | {"LPAR", "PLUS", "MINUS", "TILDE", "NOT"}
_OPERATOR = {
    "PLUS",
    "MINUS",
    "TIMES",
    "COMPARE",
    "AND",
    "OR",
    "POWER",
    "PIPE",
    "AMPERSAND",
    "SHIFT",
    "__ANON_0",
    "UNIT",
}


def syntax_error(
    source: Source, text: str, error: UnexpectedError, start: str, foreign: Mapping[str, str] = _FOREIGN
) -> HzdslError:
    """Return the error to raise for what the parser met.

    Parameters
    ----------
    source : Source
        The user's text.
    text : str
        What was parsed: the same characters, with line breaks and comments blanked in a single expression.
    error : UnexpectedError
        What the parser says.
    start : str
        ``"expression"`` or ``"block"``.
    foreign : mapping of str to str
        What others write here, and how it is written.
    """
    at_end = error.token is not None and error.token.kind == END
    position = len(text.rstrip()) if at_end else error.position
    for written, fix in foreign.items():
        at = _occurrence(text, position, written)
        if at is not None and start == "block" and written == "=":
            return _in_block(source, text, at)
        if at is not None:
            return _error(source, f"'{written}' is not an operator here", fix, at, at + len(written))
    return _unbalanced(source, text) or _unexpected(source, text, error, position)


def _error(source: Source, message: str, fix: str | None, start: int, end: int) -> HzdslError:
    return HzdslError("syntax", message, fix=fix, place=source.place(start, end))


def _occurrence(text: str, position: int, written: str) -> int | None:
    """Return where `written` stands around the position, or None."""
    for at in (position, position - len(written) + 1):
        if at >= 0 and text.startswith(written, at):
            return at
    return None


def _in_block(source: Source, text: str, at: int) -> HzdslError:
    """Return the error of an '=' in a block of definitions that begins none."""
    if text.startswith("==", at):
        return _error(source, "a definition is written name = expression", "write '='", at, at + 2)
    fix = "one definition per line, or ';' between them; '==' compares"
    return _error(source, "'=' is not expected here", fix, at, at + 1)


def _unbalanced(source: Source, text: str) -> HzdslError | None:
    """Return the error of the first bracket without its partner, or None where all have theirs."""
    opened: list[tuple[str, int]] = []
    quote = ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char in (quote, "\n") else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            opened.append((char, at))
        elif char in _BRACKETS:
            if not opened or opened[-1][0] != _BRACKETS[char]:
                return _error(source, f"'{char}' closes no '{_BRACKETS[char]}'", None, at, at + 1)
            opened.pop()
    if not opened:
        return None
    char, at = opened[-1]
    closing = ")" if char == "(" else "]"
    return _error(source, f"'{char}' is never closed", f"add '{closing}'", at, at + 1)


def _unexpected(source: Source, text: str, error: UnexpectedError, position: int) -> HzdslError:
    expected = _expected(error)
    if position >= len(text.rstrip()):
        return _error(source, f"the text ends where {expected} is expected", None, position, position + 1)
    found = text[position] if error.token is None else str(error.token)
    if found == "\n":
        fix = f"expected {expected}; a continued line is indented"
        return _error(source, "the line ends too early", fix, position, position + 1)
    if found in "'\"":
        return _error(source, "the string is never closed", f"add {found}", position, position + 1)
    if found[0] == "*" and text[position - 1] == "*":
        fix = "put the quantity in parentheses: (5 GeV)**2"
        return _error(source, "a quantity takes no power", fix, position - 1, position + 1)
    return _error(source, f"'{found}' is not expected here", f"expected {expected}", position, position + len(found))


def _expected(error: UnexpectedError) -> str:
    """Return the kinds of thing that may stand there."""
    kinds = set(error.expected)
    words = []
    if kinds >= _ATOM:
        words.append("a value")
        kinds -= _VALUE
    if len(kinds & _OPERATOR) > 2:
        words.append("an operator")
        kinds -= _OPERATOR | {"LPAR", "LSQB", "DOT"}
    words += [_WORDS[k] for k in sorted(kinds) if k in _WORDS]
    return " or ".join(words) or "the end of the expression"
