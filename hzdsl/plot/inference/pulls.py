"""Pulls and constraints of nuisance parameters, one fit or several beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import CURVES, GREEN, YELLOW
from hzdsl.plot.inference.rows import pages_of, reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import unit_text
from hzdsl.results.text import value_and_error
from hzdsl.stats.methods.nuisances import Nuisance, NuisanceTable

PULL_LABEL = r"$(\hat{\theta}-\theta_0)\,/\,\sigma_0$"
#: Pulls are shown to here at least.
LEAST = 2.5
MARKERS = ("o", "s", "D", "^")


def plot_pulls(
    tables: NuisanceTable | Mapping[str, NuisanceTable], *, subject: Subject | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw the pulls of all constrained parameters, pages of at most 30.

    A point is (θ̂ - θ0)/σ0, its bar σ̂/σ0. Parameters without a constraint have no pull: their fitted values stand there
    in words. Fixed parameters are left out.

    Parameters
    ----------
    tables : NuisanceTable, or mapping of str to NuisanceTable
        Of one fit; or of several by their name in the legend, such as with and without signal.
    subject : Subject, optional
        The header.

    Yields
    ------
    (str, Figure)
        ``pulls``, or ``pulls_1`` and so on, and the figure.

    Examples
    --------
    >>> lumi = Nuisance("lumi", "", "", (), "normal 0 ± 1", 0, 1, 0.1, 0.9, 0.1, 0.9, 0.2, "")
    >>> [name for name, _ in plot_pulls(NuisanceTable((lumi,), "valid"))]
    ['pulls']
    """
    about = subject or Subject()
    fits = {"": tables} if isinstance(tables, NuisanceTable) else dict(tables)
    known = {name: {n.name: n for n in table.rows} for name, table in fits.items()}
    names = list(dict.fromkeys(n.name for table in fits.values() for n in table.rows if n.state != "fixed"))
    most = max((abs(n.pull) + n.constraint for rows in known.values() for n in rows.values() if n.pull == n.pull),
               default=0.0)  # fmt: skip
    for page, shown in pages_of(names):
        per_fit = {fit: [rows.get(name) for name in shown] for fit, rows in known.items()}
        yield f"pulls{page}", _page(shown, per_fit, most, about)


def _page(names: tuple[str, ...], fits: Mapping[str, Sequence[Nuisance | None]], most: float, about: Subject) -> Figure:
    with style():
        looks = [_look(k) for k in range(len(fits))]
        legend: Handles = []
        if len(fits) > 1:
            legend = [(_sample(look), fit) for look, fit in zip(looks, fits, strict=True)]
        figure, (axes,) = rows(names, (1.0,), about, legend)
        _bands(axes)
        reach(axes, [most], symmetric=True, least=LEAST, label=PULL_LABEL)
        for k, found in enumerate(fits.values()):
            draw_points(axes, found, looks[k], (k - (len(fits) - 1) / 2) * min(0.3, 0.7 / len(fits)), words=k == 0)
    return figure


def draw_pulls(axes: Axes, found: Sequence[Nuisance]) -> None:
    """Draw the pulls of one fit into a panel of rows, with bands of one and two standard deviations."""
    _bands(axes)
    most = max((abs(n.pull) + n.constraint for n in found if np.isfinite(n.pull + n.constraint)), default=0.0)
    reach(axes, [most], symmetric=True, least=LEAST)
    draw_points(axes, found, _look(0), 0.0, words=True)


def draw_points(
    axes: Axes, found: Sequence[Nuisance | None], look: Mapping[str, Any], shift: float, *, words: bool
) -> None:
    """Draw the points of one fit; a parameter without a pull has its value in words."""
    shown = [(k, n) for k, n in enumerate(found) if n is not None and np.isfinite(n.pull + n.constraint)]
    if shown:
        y = [k + shift for k, _ in shown]
        axes.errorbar(
            [n.pull for _, n in shown], y, xerr=[n.constraint for _, n in shown], gid="pulls", zorder=3, **look
        )
    for k, n in enumerate(found):
        if words and n is not None and not np.isfinite(n.pull + n.constraint):
            look = {"ha": "center", "va": "center", "size": 12, "gid": "value", "zorder": 4}
            axes.text(0.0, k, _value(n), bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}, **look)


def _value(n: Nuisance) -> str:
    value, error = value_and_error(n.after, n.after_error if np.isfinite(n.after_error) else 0.0)
    return f"{value} {error} {unit_text(n.unit)} {n.state}".strip()


def _bands(axes: Axes) -> None:
    axes.axvspan(-2, 2, color=YELLOW, alpha=0.35, zorder=0.1, linewidth=0)
    axes.axvspan(-1, 1, color=GREEN, alpha=0.3, zorder=0.2, linewidth=0)
    axes.axvline(0, color="black", linewidth=1, linestyle=":", zorder=1)


def _look(k: int) -> dict[str, Any]:
    colour = "black" if k == 0 else CURVES[k % len(CURVES)]
    marker = MARKERS[k % len(MARKERS)]
    return {"fmt": marker, "color": colour, "markersize": 6, "elinewidth": 1.6, "capsize": 2.5}


def _sample(look: Mapping[str, Any]) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], marker=look["fmt"], color=look["color"], markersize=7)
