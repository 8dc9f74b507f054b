"""Tables of results as pictures, for what has no other: pages of lines in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hzdsl.plot.figure import StyledFigure, box_of, draw_header, style
from hzdsl.plot.inference.rows import pages_of, shortened
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.text import drawable, wrapped
from hzdsl.results.text import TextTable

#: Lines of a page; inches: a line, between columns, at the edges, above and below the lines.
PAGE = 40
LINE, GAP, EDGE, ABOVE, BELOW = 0.3, 0.35, 0.3, 1.15, 0.35
SIZE = 14
LONGEST = 46
LEAST_WIDTH = 7.0


def plot_tables(tables: Iterable[TextTable], *, subject: Subject | None = None) -> Iterator[tuple[str, Figure]]:
    """Draw tables as text in columns, pages of at most 40 lines.

    Yields
    ------
    (str, Figure)
        ``table`` with what numbers tables and pages, and the figure.

    Examples
    --------
    >>> table = TextTable("limits", ("", "r <"), (("observed", "1.5625"), ("expected 50.0 %", "1.3783")))
    >>> [name for name, _ in plot_tables([table])]
    ['table']
    """
    about, every = subject or Subject(), tuple(tables)
    for k, table in enumerate(every, 1):
        which = "" if len(every) == 1 else f"_{k}"
        for page, lines in pages_of((*table.rows, *table.sums), PAGE):
            yield f"table{which}{page}", _page(table, lines, about)


def _page(table: TextTable, lines: tuple[tuple[str, ...], ...], about: Subject) -> Figure:
    with style():
        figure = StyledFigure(figsize=(LEAST_WIDTH, 4.0))
        FigureCanvasAgg(figure)
        cells = [
            [figure.text(0, 0, drawable(shortened(c, LONGEST)), size=SIZE) for c in row]
            for row in (table.header, *lines)
        ]
        columns = len(table.header)
        widths = [max(box_of(row[k]).width for row in cells) / figure.dpi for k in range(columns)]
        note = wrapped(table.note, 70) if table.note else ""
        width = max(LEAST_WIDTH, sum(widths) + GAP * (columns - 1) + 2 * EDGE)
        height = ABOVE + LINE * (len(cells) + 0.5) + BELOW + LINE * (note.count("\n") + 1 if note else 0)
        figure.set_size_inches(width, height)
        ends, x = [], EDGE
        for w in widths:
            ends.append((x, x + w))
            x += w + GAP
        for j, row in enumerate(cells):
            y = height - ABOVE - LINE * (j + (0.5 if j else 0.0))
            for k, text in enumerate(row):
                right = k > 0 and table.numbers
                text.set(x=ends[k][right] / width, y=y / height, ha="right" if right else "left", va="center")
                text.set_gid("header" if j == 0 else "cell")
        _frame(figure, table, note, (width, height), about)
    return figure


def _frame(figure: Figure, table: TextTable, note: str, size: tuple[float, float], about: Subject) -> None:
    """Write title and note, draw the line below the names of columns, and the header of the plot."""
    width, height = size
    axes = figure.add_axes((EDGE / width, 0, 1 - 2 * EDGE / width, 1 - 0.5 / height))
    axes.set_axis_off()
    draw_header(axes, about.header)
    at = (height - ABOVE - 0.75 * LINE) / height
    axes.plot([EDGE / width, 1 - EDGE / width], [at, at], transform=figure.transFigure, color="black", linewidth=1.2)
    title = figure.text(EDGE / width, (height - 0.75) / height, drawable(table.title), size=SIZE + 3, weight="bold")
    title.set(va="center", gid="title")
    figure.text(EDGE / width, 0.12 / height, note, size=SIZE - 2, color="0.3", va="bottom", gid="note")
