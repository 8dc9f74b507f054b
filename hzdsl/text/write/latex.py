"""The selection of an analysis as the tables of a paper, in LaTeX and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hzdsl.text.parser import parse_block
from hzdsl.text.source import Source
from hzdsl.text.write.formula import escaped, formula, upright

#: Title, headings and rows of a table; a cell that is a formula is marked as one.
Table = tuple[str, tuple[str, str], list[tuple[str, str]]]


def selection(content: dict[str, Any]) -> Iterator[Table]:
    """Yield the tables of a document's content: objects and derived quantities, then each region.

    Cells of the second column are formulae; parameters stand with their values.
    """
    values = {name: _default(x) for name, x in content.get("parameters", {}).items()}
    block = Source("definitions", content.get("define", ""))
    texts = {d.name: block.text[d.body.start : d.body.end] for d in parse_block(block)}
    if texts:
        yield "Definitions", ("Name", "Definition"), [(n, formula(t, values)) for n, t in texts.items()]
    for name, region in content.get("regions", {}).items():
        rows = []
        for requirement in region["require"]:
            ((label, text),) = requirement.items() if isinstance(requirement, dict) else (("", requirement),)
            rows.append((label, formula(text, values)))
        yield f"Region {name}", ("Requirement", "Condition"), rows


def _default(parameter: Any) -> str:
    default = parameter["default"] if isinstance(parameter, dict) else parameter
    return default if isinstance(default, str) else str(default).lower() if isinstance(default, bool) else repr(default)


def latex_text(content: dict[str, Any]) -> str:
    """Return the tables in LaTeX, each a ``table`` with a caption."""
    return "\n".join(_latex_table(*table) for table in selection(content))


def _latex_table(title: str, headings: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    name: Callable[[str], str] = (lambda x: f"${upright(x)}$") if title == "Definitions" else escaped
    body = [f"    {name(label)} & ${text}$ \\\\" for label, text in rows]
    lines = [
        r"\begin{table}",
        rf"  \caption{{{escaped(title)}}}",
        r"  \begin{tabular}{ll}",
        r"    \hline",
        f"    {' & '.join(headings)} \\\\",
        r"    \hline",
        *body,
        r"    \hline",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def markdown_text(content: dict[str, Any]) -> str:
    """Return the tables in Markdown, formulae between dollars."""
    parts = [f"# {content['analysis']['name']}\n"]
    for title, headings, rows in selection(content):
        body = [f"| {_cell(label)} | ${_cell(text)}$ |" for label, text in rows]
        parts.append("\n".join([f"## {title}\n", f"| {' | '.join(headings)} |", "|---|---|", *body]) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    r"""Return a text that does not end a cell; in LaTeX a bar between words is \vert, too."""
    return text.replace(r"\left|", r"\left\vert").replace(r"\right|", r"\right\vert").replace("|", r"\vert ")
