"""A square of names against names: room for them on the left and below."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from hzdsl.plot.figure import StyledFigure, draw_header
from hzdsl.plot.inference.rows import fitting, top_of
from hzdsl.plot.inference.subject import Subject

#: Inches: the side of the square, the margin of names at most, what is beside the scale of colours.
SIDE, MARGIN, RIGHT = 8.0, 4.0, 1.45


def square(names: Sequence[str], subject: Subject) -> tuple[Figure, Axes, float]:
    """Return a figure with a square of so many rows and columns, row 0 at the top, and the size of its letters."""
    size = max(8.0, min(15.0, 0.68 * 72 * SIDE / max(len(names), 1)))
    trial = StyledFigure(figsize=(SIDE, SIDE))
    FigureCanvasAgg(trial)
    _, margin = fitting(trial, names, size, MARGIN)
    width, height = margin + SIDE + RIGHT, margin + SIDE + top_of(subject)
    figure = StyledFigure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((margin / width, margin / height, SIDE / width, SIDE / height))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(NullLocator())
        axis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    texts, _ = fitting(figure, names, size, MARGIN)
    for k, text in enumerate(texts):
        away = -0.1 / SIDE
        text.set(x=away, y=k, transform=axes.get_yaxis_transform())
        axes.text(k, away, text.get_text(), rotation=90, ha="center", va="top", size=text.get_fontsize(),
                  transform=axes.get_xaxis_transform(), gid="name")  # fmt: skip
    draw_header(axes, subject.header)
    return figure, axes, size
