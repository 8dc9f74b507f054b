"""Reading a card: its text → records, or all that is wrong with it, each with file and line."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

from hzdsl.errors import HzdslError, Together, did_you_mean
from hzdsl.stats.cards.below import read_line
from hzdsl.stats.cards.checks import check_card
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.header import Header, channels_of, check_size, columns_of, read_header
from hzdsl.stats.cards.records import Card, Constr, Line, Param, Systematic
from hzdsl.stats.cards.words import lines_of

#: Parameters that cards may refer to without declaring them: what physics models call theirs.
USUAL = ("r", "MH")


def read_card(path: str | os.PathLike[str], *, lenient: bool = False, others: Collection[str] = USUAL) -> Card:
    """Read a datacard of Combine (STATS §3.1), of plain text or compressed by gzip.

    Parameters
    ----------
    path : str or path-like
        The card.
    lenient : bool
        Accept channels that begin with a digit, as cards before 2020 have them.
    others : collection of str
        Parameters of the physics model, to which formulas and groups may refer.

    Returns
    -------
    Card
        As written: its edits are checked, and not applied (`editing.edited` does so).

    Raises
    ------
    HzdslError
        `datacard`, with all that is wrong; `file-missing`, `file-format`.

    Examples
    --------
    >>> read_card("no/card.txt")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no datacard no/card.txt
    """
    return parse_card(_text_of(Path(path)), os.fspath(path), lenient=lenient, others=others)


def parse_card(text: str, source: str = "<card>", *, lenient: bool = False, others: Collection[str] = USUAL) -> Card:
    """Return the card of a text; see `read_card`.

    Examples
    --------
    >>> card = parse_card('''
    ... imax 1
    ... bin sr
    ... observation 3
    ... bin sr sr
    ... process ww h
    ... process 1 0
    ... rate 2.5 0.5
    ... lumi lnN 1.02 1.02
    ... ''')
    >>> card.channels[0].observed, card.columns[1].signal, card.lines[0].effects["sr", "h"].up
    (3.0, True, 1.02)
    """
    lines = list(lines_of(text, source))
    header = Header(lenient)
    read_header(lines, header)
    with header.checks:  # what is missing because of a wrong line is not missed, too
        header.checks.done()
        columns = columns_of(header, lines[-1])
        channels = channels_of(header, columns)
    header.checks.done()
    checks, found = Together(), list[Line]()
    assert header.rate_line is not None
    names = [c.name for c in columns]
    for line in lines[header.rate_line.number :]:
        with checks:
            said = read_line(line, names)
            found += [] if said is None else [said]
    sizes = {"imax": len(channels), "jmax": len({c.process for c in columns}) - 1}
    for name, size in sizes.items():
        with checks:
            check_size(header, name, size)
    checks.done()
    card = Card(channels, columns, tuple(header.shapes), tuple(found), source=source)
    if card.edited:
        check_size(header, "kmax", _constrained(found))
    check_card(edited(card), others)
    return card


def _constrained(lines: Sequence[Line]) -> int:
    """Return what kmax counts: lines of systematic uncertainties, whether they have an effect or not."""
    return sum(isinstance(line, Systematic | Param | Constr) for line in lines)


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        if path.exists():
            what = "is a folder" if path.is_dir() else f"cannot be read: {error.strerror}"
            raise HzdslError("file-missing", f"{path} {what}", fix="give the .txt of the card") from None
        near = [str(path.parent / p.name) for p in sorted(path.parent.iterdir())] if path.parent.is_dir() else []
        raise HzdslError("file-missing", f"there is no datacard {path}", fix=did_you_mean(str(path), near)) from None
    try:
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode("utf-8").replace("\r\n", "\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        kind = "a ROOT file" if content.startswith(b"root") else "no text"
        raise HzdslError("file-format", f"{path} is {kind}, not a datacard", fix="give the .txt of the card") from None
