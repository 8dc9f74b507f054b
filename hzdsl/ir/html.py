"""Small HTML tables for notebooks: escaped, without style sheets or scripts of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LEFT, _RIGHT = "text-align:left", "text-align:right"


def html_table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False, note: str = ""
) -> str:
    """Return a table with a title above and a remark below; columns of numbers stand to the right.

    Examples
    --------
    >>> html_table("a < b", (), [("x", "1")])
    '<div><b>a &lt; b</b><table><tbody><tr><td style="text-align:left">x</td>...</table></div>'
    """
    from html import escape

    head = "".join(f'<th style="{_align(i, numbers)}">{escape(h)}</th>' for i, h in enumerate(header))
    body = "".join(f"<tr>{_cells(row, numbers)}</tr>" for row in rows)
    above = f"<b>{escape(title)}</b>" if title else ""
    below = f"<div>{escape(note)}</div>" if note else ""
    thead = f"<thead><tr>{head}</tr></thead>" if header else ""
    return f"<div>{above}<table>{thead}<tbody>{body}</tbody></table>{below}</div>"


def _cells(row: Sequence[str], numbers: bool) -> str:
    from html import escape

    return "".join(f'<td style="{_align(i, numbers)}">{escape(x)}</td>' for i, x in enumerate(row))


def _align(column: int, numbers: bool) -> str:
    return _RIGHT if numbers and column else _LEFT
