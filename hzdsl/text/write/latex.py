"""The tables of a paper in LaTeX and in Markdown."""

from __future__ import annotations

from typing import Any

from hzdsl.text.write.formula import escaped
from hzdsl.text.write.tables import Cell, Paper, Table

#: A formula longer than this may break into lines: its column has a width.
LONG = 60


def latex_text(content: dict[str, Any]) -> str:
    """Return the tables in LaTeX, each a ``table`` with a caption; no packages are needed."""
    return "\n".join(_latex_table(t) for t in Paper(content).tables())


def _latex_table(table: Table) -> str:
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(table.title)}}}",
        rf"  \begin{{tabular}}{{{_columns(table)}}}",
        r"    \hline",
        f"    {' & '.join(map(escaped, table.headings))} \\\\",
        r"    \hline",
        *(f"    {' & '.join(map(_latex_cell, row))} \\\\" for row in table.rows),
        r"    \hline",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_cell(cell: Cell) -> str:
    return f"${cell.text}$" if cell.math else escaped(cell.text)


def _columns(table: Table) -> str:
    """Return the columns, one with long formulae of a width in which they break."""
    longest = [max(len(row[i].text) for row in table.rows) for i in range(len(table.headings))]
    widest = max(range(len(longest)), key=longest.__getitem__)
    width = {2: "0.65", 3: "0.5"}.get(len(longest), "0.35")
    wide = [rf"p{{{width}\linewidth}}" if i == widest and n > LONG else "l" for i, n in enumerate(longest)]
    return "".join(wide)


def markdown_text(content: dict[str, Any]) -> str:
    """Return the tables in Markdown, formulae between dollars."""
    parts = [f"# {content['analysis']['name']}\n"]
    for table in Paper(content).tables():
        rows = [table.headings, ["---"] * len(table.headings), *([_markdown_cell(c) for c in r] for r in table.rows)]
        body = [f"| {' | '.join(row)} |" for row in rows]
        parts.append("\n".join([f"## {table.title}\n", *body]) + "\n")
    return "\n".join(parts)


def _markdown_cell(cell: Cell) -> str:
    r"""Return a cell that no bar ends; in LaTeX a bar between words is \vert, too."""
    if not cell.math:
        return cell.text.replace("|", "\\|")
    text = cell.text.replace(r"\left|", r"\left\vert").replace(r"\right|", r"\right\vert").replace("|", r"\vert ")
    return f"${text}$"
