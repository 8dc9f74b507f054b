"""The lines and blocks of an ADL file: every line begins with a keyword, every block with one of the block keywords."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from types import MappingProxyType

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.records import dataclass
from hzdsl.text.source import Source

#: The keywords that begin a block, and how each is called here.
BLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "info": "info",
        "object": "object",
        "obj": "object",
        "composite": "composite",
        "region": "region",
        "algo": "region",
        "algorithm": "region",
        "histolist": "histolist",
        "trigger": "trigger",
        "countsformat": "countsformat",
        "table": "table",
        "systematic": "systematic",
    }
)
_SELECT = {"select": "select", "cut": "select", "cmd": "select", "command": "select", "reject": "reject"}
_TAKE = {"take": "take", "using": "take"}
_DEFINE = {"define": "define", "def": "define"}

#: The keywords of the lines of each block, and how each is called here.
KEYWORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "object": {**_TAKE, **_SELECT, **_DEFINE, "sort": "sort"},
        "composite": {**_TAKE, **_SELECT, **_DEFINE, "object": "object"},
        "region": {
            **_TAKE,
            **_SELECT,
            **{k: k for k in ("trigger", "bin", "bins", "histo", "weight", "save", "sort", "print", "counts")},
        },
        "histolist": {"histo": "histo"},
        "trigger": {"add": "add"},
    }
)
#: Blocks of which every line is text.
_TEXT = frozenset({"info", "countsformat", "table", "systematic"})
#: Words with which CutLang is steered.
_STEERING = frozenset({"trgm", "trge", "skiphistos", "skipeffs", "runyear", "hstep"})
#: What follows the first word in the name of a region that stands alone in a line: ``FTFT-resolved``.
_DASHED = r"(?:-[\w-]*)?"
_WORD = re.compile(r"\s*([^\W\d]\w*)")
_COMMENT = re.compile(r"""("[^"\n]*"|'[^'\n]*')|\#[^\n]*""")
_BRACKETS = re.compile(r"""\]\s*\[|\[\s*\]|"[^"\n]*"|'[^'\n]*'|[()\[\]{}]""")
_BEGINS = re.compile(r"\s*(?:(?:and|or)\b|&&|\|\||[+*/^?:<>=~,)])", re.IGNORECASE)
_ENDS = re.compile(r"(?:\b(?:and|or|not)|&&|\|\||[-+*/^?:<>=~,(])\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line with the lines that continue it.

    Parameters
    ----------
    source : Source
        Its text, as the user wrote it.
    word, keyword : str
        Its first word, and the keyword of the language it is ("" for none).
    start : int
        Where what follows the word begins.
    """

    source: Source
    word: str
    keyword: str
    start: int

    def blanked(self, start: int | None = None) -> str:
        """Return what follows the word (or `start`), with blanks for what comes before and for comments."""
        at = self.start if start is None else start
        return " " * at + _without_comments(self.source.text)[at:].replace("\n", " ").replace("\t", " ")

    @property
    def body(self) -> str:
        """What follows the first word, with single blanks."""
        return " ".join(self.blanked().split())

    def place(self) -> Place:
        """Return the place of the first word."""
        return self.source.place(self.start - len(self.word), self.start)

    def after(self) -> Place:
        """Return the place of what follows the first word."""
        text = self.blanked()
        return self.source.place(len(text) - len(text.lstrip()), len(text.rstrip())) if text.strip() else self.place()


@dataclass(frozen=True)
class Block:
    """A block: its keyword, its first line, the lines in it."""

    kind: str
    head: Line
    lines: list[Line] = field(default_factory=list)


def blocks(name: str, text: str) -> Iterator[Block]:
    """Yield the blocks of a file; a definition outside of them is a block of its own.

    Raises
    ------
    HzdslError
        ``syntax`` for a line that begins with no keyword.

    Examples
    --------
    >>> (found,) = blocks("x.adl", "object jets : JET\\n  select pT > 30")
    >>> found.kind, found.head.body, [line.body for line in found.lines]
    ('object', 'jets : JET', ['pT > 30'])
    """
    current: Block | None = None
    for line, indented in _logical(name, text):
        word = line.word.casefold()
        if word in _DEFINE and not (indented and current is not None and word in KEYWORDS.get(current.kind, {})):
            yield Block("define", line)
        elif word in BLOCKS and not (indented and current is not None and word in KEYWORDS.get(current.kind, {})):
            if current is not None:
                yield current
            current = Block(BLOCKS[word], line)
        elif current is None:
            raise _no_keyword(line, [*BLOCKS, "define"])
        else:
            current.lines.append(_in_block(current, line))
    if current is not None:
        yield current


def _in_block(block: Block, line: Line) -> Line:
    known = KEYWORDS.get(block.kind, {})
    keyword = known.get(line.word.casefold(), "")
    if not keyword and block.kind not in _TEXT and not (block.kind == "region" and re.fullmatch(_DASHED, line.body)):
        raise _no_keyword(line, [*known, *BLOCKS])
    return Line(line.source, line.word, keyword, line.start)


def _no_keyword(line: Line, known: list[str]) -> HzdslError:
    if line.word.casefold() in _STEERING:
        what = f"'{line.word}' steers CutLang, and says nothing of the analysis"
        return HzdslError("unsupported", what, fix="remove the line", place=line.place())
    fix = did_you_mean(line.word, known) or f"a line begins with one of {', '.join(dict.fromkeys(known))}"
    what = f"'{line.word}' is no keyword here" if line.word else "a line begins with a keyword"
    place = line.place() if line.word else line.source.place(0, 1)
    return HzdslError("syntax", what, fix=fix, place=place)


def _logical(name: str, text: str) -> Iterator[tuple[Line, bool]]:
    """Yield the lines that say something, each with those that continue it, and whether it is indented."""
    physical = text.replace("\r\n", "\n").split("\n")
    number, free = 0, False
    while number < len(physical):
        first = number
        number += 1
        plain = _without_comments(physical[first])
        if not plain.strip():
            continue
        word = _first_word(plain).casefold()
        indented = plain[:1].isspace()
        if word in BLOCKS and (not free or not indented):
            free = word in _TEXT
        elif word in _DEFINE and not indented:
            free = False
        while not free and number < len(physical) and _continues(plain, physical, number):
            plain += "\n" + _without_comments(physical[number])
            number += 1
        yield _line(Source(name, "\n".join(physical[first:number]), first + 1)), indented


def _continues(plain: str, physical: list[str], number: int) -> bool:
    """Return whether a line continues the text above: a bracket is open, or an operator stands between them."""
    following = _without_comments(physical[number])
    if not following.strip():
        return any(s.strip() for s in physical[number:]) and _open(plain) and _blank_then_more(plain, physical, number)
    if _first_word(following).casefold() in _EVERY:
        return False
    return _open(plain) or bool(_BEGINS.match(following)) or bool(_ENDS.search(plain))


def _blank_then_more(plain: str, physical: list[str], number: int) -> bool:
    """Return whether, behind blank lines and comments, the text goes on inside its brackets."""
    rest = (_without_comments(p) for p in physical[number:])
    following = next((p for p in rest if p.strip()), "")
    return bool(following) and _first_word(following).casefold() not in _EVERY


_EVERY = frozenset({*BLOCKS, *_DEFINE, *(word for known in KEYWORDS.values() for word in known)})


def _open(text: str) -> bool:
    depth = 0
    for match in _BRACKETS.finditer(text):
        found = match.group()
        depth += 1 if found in ("(", "[", "{") else -1 if found in (")", "]", "}") else 0
    return depth > 0


def _first_word(text: str) -> str:
    match = _WORD.match(text)
    return "" if match is None else match.group(1)


def _line(source: Source) -> Line:
    match = _WORD.match(source.text)
    return Line(source, "", "", 0) if match is None else Line(source, match.group(1), "", match.end())


def _without_comments(text: str) -> str:
    """Return the text with blanks for comments; a '#' in quotes is none."""
    return _COMMENT.sub(lambda m: m.group() if m.group(1) else " " * len(m.group()), text)
