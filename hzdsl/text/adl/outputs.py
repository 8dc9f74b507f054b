"""Lines of a region that say more than cuts and histograms: ``weight``, ``save`` and ``print``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from hzdsl.errors import HzdslError
from hzdsl.text import syntax as s
from hzdsl.text.adl.grammar import parse
from hzdsl.text.adl.lines import Line
from hzdsl.text.adl.nodes import Beside
from hzdsl.text.adl.registry import expression

_NAME = re.compile(r"\s*([^\W\d]\w*)")
_FORMAT = re.compile(r"\s*(?:csv|root)\b(?!\s*\()", re.IGNORECASE)
_LABEL = re.compile(r"""(?<![Hh][Ll][Tt] )("[^"]*"|'[^']*')""")


def weight(line: Line) -> tuple[str, s.Expr]:
    """Return the name and the tree of ``weight name expression``."""
    text = line.blanked()
    name = _NAME.match(text, line.start)
    if name is None or not text[name.end() :].strip():
        fix = "weight pileup puWeight"
        raise HzdslError("syntax", "a weight has a name and an expression", fix=fix, place=line.after())
    return name.group(1), expression(line, name.end())


def saved(line: Line) -> Iterator[tuple[str, s.Expr]]:
    """Yield the name and the tree of each value of ``save name csv x y`` or ``print "label" x y``."""
    text, start = line.blanked(), line.start
    if line.keyword == "save":
        name = _NAME.match(text, start)
        start = len(text) if name is None else name.end()
        form = _FORMAT.match(text, start)
        start = start if form is None else form.end()
    labels = {m.end(): m.group()[1:-1] for m in _LABEL.finditer(text, start)}
    text = _LABEL.sub(lambda m: " " * len(m.group()), " " * start + text[start:])
    if not text.strip():
        what = f"'{line.word}' names no values, and events are not written whole"
        raise HzdslError("unsupported", what, fix=_EXAMPLE[line.keyword], place=line.place())
    e = parse(line.source, text)
    previous = start
    for item in e.items if isinstance(e, Beside) else (e,):
        label = next((said for end, said in labels.items() if previous <= end <= item.start), None)
        previous = item.end
        yield label or _called(text[item.start : item.end]), item


_EXAMPLE = MappingProxyType({"save": "save leptons csv pT(leptons[0]) MET", "print": "print pT(leptons[0]) MET"})


def _called(text: str) -> str:
    """Return the name of the column of an expression: ``pT_jets_0`` of ``pT(jets[0])``.

    Examples
    --------
    >>> _called("{jets[0], jets[1]}dR")
    'jets_0_jets_1_dR'
    """
    return re.sub(r"\W+", "_", text).strip("_")
