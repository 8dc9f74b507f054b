"""``histo name, "title", bins, low, high, expression``: in one dimension or several, with bins or edges."""

from __future__ import annotations

import re

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl.grammar import parse
from hzdsl.text.adl.lines import Line
from hzdsl.text.source import Source

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*{_NUMBER}(?:\s+{_NUMBER})*\s*")
_TOKENS = re.compile(r"""("[^"]*"|'[^']*')|([(\[{])|([)\]}])|(,)""")
FIX = 'histo hmet, "MET (GeV)", 20, 0, 100, MET'


@dataclass(frozen=True)
class Bins:
    """The bins of one axis: a number and a range, or edges."""

    bins: int | None
    edges: tuple[int | float, ...]


@dataclass(frozen=True)
class Histo:
    """A histogram as written: its name, title, the bins and the expression of each axis."""

    name: str
    title: str
    axes: tuple[tuple[Bins, s.Expr], ...]
    source: Source
    place: Place


def histogram(line: Line) -> Histo:
    """Return the histogram that a line declares."""
    text = line.blanked()
    items = _items(text, line.start)
    (start, end), *rest = items
    name = text[start:end].strip().strip("\"'")
    place = line.source.place(_first(text, start), end)
    if not re.fullmatch(r"[\w.-]+", name):
        raise HzdslError("syntax", "a histogram begins with its name", fix=FIX, place=place)
    title = ""
    if rest and re.fullmatch(r"""\s*("[^"]*"|'[^']*')\s*""", text[slice(*rest[0])]):
        title = text[slice(*rest.pop(0))].strip()[1:-1]
    bins = []
    while rest and (found := _bins(text, rest)) is not None:
        bins.append(found)
    if not bins or len(rest) != len(bins):
        what = f"histogram '{name}' has {_plural(len(bins), 'binning')} and {_plural(len(rest), 'expression')}"
        raise HzdslError("binning", what, fix=FIX, place=place)
    trees = [parse(line.source, " " * a + text[a:b]) for a, b in rest]
    return Histo(name, title, tuple(zip(bins, trees, strict=True)), line.source, place)


def numbers(text: str) -> tuple[int | float, ...]:
    """Return the numbers of a text that holds nothing else, none of any other text."""
    if not _NUMBERS.fullmatch(text):
        return ()
    return tuple(int(x) if re.fullmatch(r"[-+]?\d{1,18}", x) else float(x) for x in text.split())


def _bins(text: str, rest: list[tuple[int, int]]) -> Bins | None:
    """Take the bins of one axis from the items that are left."""
    found = [numbers(text[a:b]) for a, b in rest[:3]]
    if len(found[0]) > 1:
        del rest[0]
        return Bins(None, found[0])
    if len(found) == 3 and all(len(x) == 1 for x in found) and isinstance(found[0][0], int):
        del rest[:3]
        return Bins(found[0][0], (found[1][0], found[2][0]))
    return None


def _items(text: str, start: int) -> list[tuple[int, int]]:
    """Return where the parts between the outermost commas begin and end."""
    items, depth, begun = [], 0, start
    for match in _TOKENS.finditer(text, start):
        depth += 1 if match.group(2) else -1 if match.group(3) else 0
        if match.group(4) and depth == 0:
            items.append((begun, match.start()))
            begun = match.end()
    return [*items, (begun, len(text))]


def _first(text: str, start: int) -> int:
    return start + len(text[start:]) - len(text[start:].lstrip())


def _plural(n: int, word: str) -> str:
    return f"{n or 'no'} {word}{'' if n == 1 else 's'}"
