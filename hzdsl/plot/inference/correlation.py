"""Correlations of fitted parameters: the whole matrix where it can be read, else its strongest pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, RED
from hzdsl.plot.inference.rows import reach, rows, shortened
from hzdsl.plot.inference.square import square
from hzdsl.plot.inference.subject import Subject
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.methods.nuisances import Correlations

#: A matrix has at most so many rows, and numbers in its cells up to so many.
MOST, NUMBERED = 30, 16
#: Letters of each name of a pair.
PAIRED = 28
COLOURS = "RdBu_r"


def plot_correlations(found: Correlations, *, subject: Subject | None = None) -> Iterator[tuple[str, Figure]]:
    """Draw the correlations of a fit.

    Up to 30 parameters are one matrix. Of more it is the matrix of those in the strongest pairs, and a second figure
    lists these pairs.

    Yields
    ------
    (str, Figure)
        ``correlations``, and ``correlations_pairs``.

    Examples
    --------
    >>> found = Correlations(("r", "lumi"), np.array([[1.0, -0.3], [-0.3, 1.0]]), (("r", "lumi", -0.3),))
    >>> [name for name, _ in plot_correlations(found)]
    ['correlations']
    """
    about = subject or Subject()
    chosen = range(len(found.names)) if len(found.names) <= MOST else _strongest(found)
    places = list(chosen)
    yield "correlations", _matrix([found.names[k] for k in places], found.matrix[np.ix_(places, places)], about)
    if len(found.names) > MOST:
        yield "correlations_pairs", _pairs(found, about)


def _strongest(found: Correlations) -> list[int]:
    """Return the places of the parameters with the largest correlations with any other, in their order."""
    off = np.abs(found.matrix - np.diag(np.diag(found.matrix)))
    order = np.argsort(-off.max(axis=1), kind="stable")[:MOST]
    return sorted(int(k) for k in order)


def _matrix(names: list[str], matrix: Matrix, about: Subject) -> Figure:
    with style():
        figure, axes, size = square(names, about)
        n = len(names)
        mesh = axes.pcolormesh(np.arange(n + 1) - 0.5, np.arange(n + 1) - 0.5, matrix, cmap=COLOURS, vmin=-1, vmax=1)
        mesh.set_gid("correlations")
        bar = figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0.0, 0.04, 1.0)))
        bar.ax.set_ylabel("Correlation", fontsize=18)
        bar.ax.tick_params(labelsize=14)
        if n <= NUMBERED:
            _numbers(axes, matrix, min(14.0, size))
    return figure


def _numbers(axes: Axes, matrix: Matrix, size: float) -> None:
    for (i, j), rho in np.ndenumerate(matrix):
        words = f"{rho:.2f}" if abs(rho) >= 0.005 else "0"
        colour = "white" if abs(rho) > 0.6 else "black"
        axes.text(j, i, words, ha="center", va="center", size=size, color=colour, gid="number")


def _pairs(found: Correlations, about: Subject) -> Figure:
    names = [f"{shortened(a, PAIRED)} × {shortened(b, PAIRED)}" for a, b, _ in found.strongest]
    values = [rho for _, _, rho in found.strongest]
    with style():
        figure, (axes,) = rows(names, (1.0,), about, [], f"strongest of {len(found.names)} parameters")
        axes.axvline(0, color="black", linewidth=1, zorder=3)
        colours = [RED if rho > 0 else BLUE for rho in values]
        axes.barh(range(len(values)), values, height=0.62, color=colours, zorder=2, gid="pairs")
        reach(axes, [1.0 / 1.12], symmetric=True, label="Correlation")
        for k, rho in enumerate(values):
            where = "left" if rho < 0 else "right"
            axes.text(-0.03 * np.sign(rho), k, f"{rho:+.2f}", ha=where, va="center", size=12, gid="number")
    return figure
