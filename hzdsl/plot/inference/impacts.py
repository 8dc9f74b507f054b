"""Impacts of nuisance parameters: pulls with constraints on the left, impacts on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from hzdsl.plot.figure import style
from hzdsl.plot.inference.bars import plot_sources
from hzdsl.plot.inference.canvas import BLUE, RED
from hzdsl.plot.inference.pulls import PULL_LABEL, draw_pulls
from hzdsl.plot.inference.rows import pages_of, reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import number, parameter
from hzdsl.stats.methods.impacts import Impact, Impacts

UP, DOWN = RED, BLUE


def plot_impacts(found: Impacts, *, subject: Subject | None = None) -> Iterator[tuple[str, Figure]]:
    """Draw impacts, pages of at most 30 parameters for each parameter of interest, the largest impact first.

    An impact whose end of the interval was not found is hatched: it is that of the last point reached.

    Yields
    ------
    (str, Figure)
        What names the page (``impacts_r_2``), and the figure; the last one of groups, where there are some.

    Examples
    --------
    >>> from hzdsl.stats.methods.nuisances import Nuisance
    >>> lumi = Nuisance("lumi", "", "", (), "normal 0 ± 1", 0, 1, 0.1, 0.9, 0.1, 0.9, 0.2, "")
    >>> one = Impact(lumi, {"r": 0.02}, {"r": -0.02}, {"r": -0.02}, "crossed", "crossed")
    >>> [name for name, _ in plot_impacts(Impacts(("r",), {"r": 1.0}, (one,), {}, (), "valid"))]
    ['impacts_r']
    """
    about = subject or Subject()
    for poi in found.pois:
        ranked = sorted(found.impacts, key=lambda i: -i.size(poi))
        for page, shown in pages_of(list(enumerate(ranked, 1))):
            yield f"impacts_{poi}{page}", _page(found, poi, shown, about)
        if found.groups:
            of_groups = {group: shares[poi] for group, shares in found.groups.items()}
            title = f"{parameter(poi)} = {number(found.best[poi])}"
            yield f"impacts_{poi}_groups", plot_sources(of_groups, about.named("Impact on", poi), title, about)


def _page(found: Impacts, poi: str, ranked: tuple[tuple[int, Impact], ...], about: Subject) -> Figure:
    shown, names = [i for _, i in ranked], [f"{rank} {i.nuisance.name}" for rank, i in ranked]
    widest = max((i.size(poi) for i in found.impacts), default=0.0)
    legend: Handles = [(Patch(facecolor=UP), r"$+1\sigma$"), (Patch(facecolor=DOWN), r"$-1\sigma$")]
    title = f"{parameter(poi)} = {number(found.best[poi])}"
    with style():
        figure, (left, right) = rows(names, (1.0, 1.0), about, legend, title)
        draw_pulls(left, [i.nuisance for i in shown])
        _bars(right, poi, shown)
        left.set_xlabel(PULL_LABEL, fontsize=17, loc="center")
        reach(right, [1.02 * widest], symmetric=True, label=about.named("Impact on", poi))
    return figure


def _bars(axes: Axes, poi: str, shown: Sequence[Impact]) -> None:
    axes.axvline(0, color="black", linewidth=1)
    for which, colour in (("down", DOWN), ("up", UP)):
        found = np.array([getattr(i, which)[poi] for i in shown])
        ends = [i.low if which == "down" else i.high for i in shown]
        bars = axes.barh(range(len(shown)), np.nan_to_num(found), height=0.62, color=colour, zorder=2)
        for bar, end in zip(bars, ends, strict=True):
            bar.set_gid(f"impact-{which}")
            if end != "crossed":
                bar.set(facecolor="white", edgecolor=colour, hatch="////")
