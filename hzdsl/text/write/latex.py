"""The tables of a paper in LaTeX and in Markdown."""

from __future__ import annotations

from typing import Any

from hzdsl.text.write.formula import escaped
from hzdsl.text.write.tables import Cell, Paper, Table

#: The first line of the tables.
NEEDED = r"% \usepackage{amsmath}"
#: A formula longer than this may break into lines: its column has a width.
LONG = 60


def latex_text(content: dict[str, Any]) -> str:
    """Return the tables in LaTeX, each a ``table`` with a caption."""
    return "\n".join([f"{NEEDED}\n", *(_latex_table(t) for t in Paper(content).tables())])


def _latex_table(table: Table) -> str:
    columns, wide = _columns(table)
    rows = (" & ".join(_latex_cell(c, i == wide) for i, c in enumerate(row)) for row in table.rows)
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(table.title)}}}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \hline",
        f"    {' & '.join(map(escaped, table.headings))} \\\\",
        r"    \hline",
        *(f"    {row} \\\\" for row in rows),
        r"    \hline",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_cell(cell: Cell, wide: bool) -> str:
    text = f"${cell.text}$" if cell.math else escaped(cell.text)
    return rf"{{\raggedright {text}\par}}" if wide else text


def _columns(table: Table) -> tuple[str, int | None]:
    """Return the columns, and which of them has a width in which long formulae break."""
    longest = [max(len(row[i].text) for row in table.rows) for i in range(len(table.headings))]
    widest = max(range(len(longest)), key=longest.__getitem__)
    if longest[widest] <= LONG:
        return "l" * len(longest), None
    width = {2: "0.65", 3: "0.5"}.get(len(longest), "0.35")
    return "".join(rf"p{{{width}\linewidth}}" if i == widest else "l" for i in range(len(longest))), widest


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
