"""Marks: the names of places on the x axis, written above the curve and clear of it and of each other."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from hzdsl.plot.figure import box_of
from hzdsl.plot.room import Skyline, raise_limit
from hzdsl.plot.text import drawable
from hzdsl.records import dataclass

CLEAR = 9.0  # pixels between a name and what is below or above it
BESIDE = 4.0  # and between a name and what is beside it
SHORTEST_LINE = 12.0
NEAR = 8.0  # a curve is looked up within so many pixels of a mark
ROUNDS = 20
CROSSING = 60.0  # pixels that a name is rather moved than have its line cross another name
_log = logging.getLogger("hzdsl.plot")


@dataclass
class Mark:
    """One name: its text, its place in pixels, and the box found for it, with the line from `foot` up to it."""

    x: float
    text: Text
    place: float
    width: float
    height: float
    foot: float = 0.0
    box: Bbox = Bbox.null()

    @property
    def line(self) -> Bbox:
        """The line between curve and name."""
        return Bbox.from_extents(self.place - 1, self.foot, self.place + 1, self.box.y0)


def draw_marks(axes: Axes, skyline: Skyline, marks: Sequence[tuple[float, str]], obstacles: Sequence[Artist]) -> None:
    """Draw the marks that lie on the axis, and raise its upper limit until they fit below the obstacles."""
    made = _make(axes, marks)
    boxes = [box_of(a) for a in obstacles]
    for _ in range(ROUNDS):
        _arrange(axes, skyline, made)
        excess = max([0.0, *(_excess(axes, m.box, boxes) for m in made)])
        if excess <= 0:
            break
        raise_limit(axes, excess)
    for mark in made:
        _draw(axes, mark)


def _make(axes: Axes, marks: Sequence[tuple[float, str]]) -> list[Mark]:
    low, high = axes.get_xlim()
    made = []
    for x, label in marks:
        if not low <= x <= high:
            _log.info("the mark %r at %g lies outside the axis and is not drawn", label, x)
            continue
        text = axes.text(x, 1.0, drawable(label), ha="center", va="bottom", size=18)
        text.set_gid("mark")
        box = box_of(text)
        place = float(axes.transData.transform((x, 1.0))[0])
        made.append(Mark(x, text, place, box.width, box.height))
    return made


def _arrange(axes: Axes, skyline: Skyline, marks: list[Mark]) -> None:
    """Find a box for every mark: the low ones first, so that the names of higher peaks rise above them."""
    for mark in marks:
        mark.foot = _height(axes, skyline, mark.place - NEAR, mark.place + NEAR)
    done: list[Mark] = []
    for mark in sorted(marks, key=lambda m: m.foot):
        shifts = (0.0, mark.width / 2, -mark.width / 2)
        tries = [_lowest(axes, skyline, mark, shift, done) for shift in shifts]
        costs = [
            box.y0 + 2 * abs(shift) + CROSSING * len(_crossed(mark, box, done))
            for box, shift in zip(tries, shifts, strict=True)
        ]
        mark.box = tries[int(np.argmin(costs))]
        mark.foot = max([mark.foot, *(b.y1 for b in _crossed(mark, mark.box, done))])
        done.append(mark)


def _crossed(mark: Mark, box: Bbox, done: list[Mark]) -> list[Bbox]:
    """Return the names that the line from the curve up to `box` would cross."""
    beside = [m.box for m in done if m.box.x0 - BESIDE < mark.place < m.box.x1 + BESIDE]
    return [b for b in beside if b.y1 > mark.foot and b.y0 < box.y0]


def _lowest(axes: Axes, skyline: Skyline, mark: Mark, shift: float, done: list[Mark]) -> Bbox:
    """Return the lowest free box above the curve whose name stands `shift` pixels beside its place."""
    frame = axes.bbox
    left = mark.place + shift - mark.width / 2
    left = min(max(left, frame.x0 + CLEAR), frame.x1 - CLEAR - mark.width)
    low = _height(axes, skyline, left - BESIDE, left + mark.width + BESIDE) + CLEAR
    taken = [b for other in done for b in (other.box, other.line) if b.x1 + BESIDE > left]
    for other in sorted((b for b in taken if b.x0 - BESIDE < left + mark.width), key=lambda b: b.y0):
        if other.y0 - CLEAR < low + mark.height and other.y1 + CLEAR > low:
            low = other.y1 + CLEAR
    return Bbox.from_bounds(left, low, mark.width, mark.height)


def _height(axes: Axes, skyline: Skyline, left: float, right: float) -> float:
    """Return where the curve is highest between two places, all in pixels."""
    y = max(skyline.above(left, right), axes.get_ylim()[0])
    return float(axes.transData.transform((1.0, y))[1])


def _excess(axes: Axes, box: Bbox, obstacles: Sequence[Bbox]) -> float:
    """Return by how many pixels a box rises into the words above it, or out of the axes."""
    beside = [o.y0 for o in obstacles if o.x0 - CLEAR < box.x1 and o.x1 + CLEAR > box.x0]
    return float(box.y1 + CLEAR - min([axes.bbox.y1, *beside]))


def _draw(axes: Axes, mark: Mark) -> None:
    to_data = axes.transData.inverted()
    name_x, name_y = to_data.transform((mark.box.x0, mark.box.y0))
    mark.text.set_position((name_x, name_y))
    mark.text.set_horizontalalignment("left")
    ends = (mark.foot + 3, mark.box.y0 - 3)
    if ends[1] - ends[0] > SHORTEST_LINE:
        ys = [float(to_data.transform((mark.place, y))[1]) for y in ends]
        axes.plot([mark.x, mark.x], ys, color="0.45", linewidth=1, gid="mark-line")
