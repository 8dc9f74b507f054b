"""Studies of a fit over toys: pulls with a normal curve, coverage, spurious signals."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, GREEN, RED, YELLOW, canvas, finish, over_points, scale
from hzdsl.plot.inference.rows import reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.toys import LEAST_BINS
from hzdsl.plot.text import number, parameter
from hzdsl.stats.methods.bias import Pulls, SpuriousSignal
from hzdsl.stats.methods.coverage import Coverage
from hzdsl.stats.methods.probabilities import ONE_SIGMA

#: Pulls are shown from -5 to 5, or to the widest.
WIDEST = 5.0
MOST_BINS = 40
#: |signal|/error that experiments allow of a spurious signal.
ALLOWED = 0.2


def plot_pulls_of_toys(found: Pulls, *, subject: Subject | None = None) -> Figure:
    """Draw the pulls of toys, a normal curve of their mean and width, and the standard one.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = Pulls("r", 1.0, 1.0 + 0.2 * rng.standard_normal(100), np.full(100, 0.2), {})
    >>> [t.get_text() for t in plot_pulls_of_toys(found).axes[0].get_legend().get_texts()]
    ['Toys (100)', 'Their mean and width', 'Standard normal']
    """
    about, pulls = subject or Subject(), found.pulls[np.isfinite(found.pulls)]
    far = float(np.clip(np.abs(pulls).max(initial=0.0) * 1.05, 4.0, WIDEST))
    bins = int(np.clip(2 * sqrt(len(pulls)), LEAST_BINS, MOST_BINS))
    edges = np.linspace(-far, far, bins + 1)
    counts = np.histogram(pulls, edges)[0].astype(float)
    area, x = len(pulls) * (edges[1] - edges[0]), np.linspace(-far, far, 400)
    fitted, standard = area * _normal(x, found.mean, found.width), area * _normal(x, 0.0, 1.0)
    outside = int((np.abs(pulls) > far).sum())
    lines = [
        f"mean = {found.mean:+.3f} ± {found.mean_error:.3f}",
        f"width = {found.width:.3f} ± {found.width_error:.3f}",
        f"{outside} outside" if outside else "",
    ]
    with style():
        figure, axes = canvas(about)
        error = np.sqrt(counts)
        middle = 0.5 * (edges[1:] + edges[:-1])
        scale(axes, (-far, far), (0.0, 1.05 * float(max((counts + error).max(), fitted.max(), standard.max()))))
        seen = counts > 0
        axes.errorbar(middle[seen], counts[seen], yerr=error[seen], fmt="o", color="black", markersize=7, gid="toys")
        (line,) = axes.plot(x, fitted, color=RED, linewidth=2.5, gid="fitted")
        (dashed,) = axes.plot(x, standard, color=BLUE, linewidth=2, linestyle="--", gid="standard")
        points = Line2D([], [], color="black", marker="o", markersize=7, linestyle="none")
        handles = [(points, f"Toys ({len(pulls)})"), (line, "Their mean and width"), (dashed, "Standard normal")]
        name = parameter(found.poi)
        label = f"({name} − {number(found.truth)}) / error"
        tops = np.maximum(np.interp(x, middle, counts + error), np.maximum(fitted, standard))
        finish(axes, (label, "Toys / bin"), handles, lines, over_points(axes, x, tops))
    return figure


def _normal(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], mean: float, width: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    sigma = width if width > 0 else 1e-3
    return np.asarray(np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sqrt(2 * pi) * sigma))


def plot_coverage(found: Coverage, *, subject: Subject | None = None) -> Figure:
    """Draw for each parameter the part of intervals that contain the truth, and mean and width of pulls, with errors.

    Examples
    --------
    >>> from hzdsl.stats.methods.coverage import Covered
    >>> found = Coverage("counting", 1, (Covered("r", 1.0, 100, 67, 0.02, 1.01),), {})
    >>> [axes.get_xlabel() for axes in plot_coverage(found).axes[:3]]
    ['Coverage [%]', 'Mean of pulls', 'Width of pulls']
    """
    about, each = subject or Subject(), found.parameters
    toys = max((c.toys for c in each), default=0)
    title = f"{found.model}: {toys} toys, seed {found.seed}"
    columns = (
        (
            "Coverage [%]",
            [100 * c.coverage for c in each],
            [100 * c.coverage_error for c in each],
            100 * ONE_SIGMA,
            10.0,
        ),
        ("Mean of pulls", [c.mean for c in each], [c.width / sqrt(c.toys) for c in each], 0.0, 0.25),
        ("Width of pulls", [c.width for c in each], [c.width / sqrt(2 * c.toys) for c in each], 1.0, 0.25),
    )
    with style():
        figure, panels = rows([c.name for c in each], (1.0, 1.0, 1.0), about, [], title)
        for axes, (label, values, errors, wanted, least) in zip(panels, columns, strict=True):
            axes.axvline(wanted, color=GREEN, linewidth=2.5, zorder=1)
            axes.errorbar(values, range(len(each)), xerr=errors, fmt="o", color="black", markersize=7, capsize=3)
            far = max([least, *(1.1 * abs(v - wanted) + e for v, e in zip(values, errors, strict=True))])
            reach(axes, [wanted - far, wanted + far], symmetric=False, label=label)
    return figure


def plot_spurious(found: SpuriousSignal, *, subject: Subject | None = None) -> Figure:
    """Draw spurious signals in units of their errors, by hypothesis, and what experiments allow.

    Examples
    --------
    >>> from hzdsl.stats.methods.bias import Spurious
    >>> found = SpuriousSignal("r", {"120": Spurious(0.01, 0.2), "125": Spurious(-0.05, 0.2)}, {})
    >>> plot_spurious(found).axes[0].get_xlabel()
    'Spurious r / its error'
    """
    about = subject or Subject()
    values = [s.ratio for s in found.found.values()]
    handles = [(Patch(facecolor=YELLOW, alpha=0.5), f"less than {ALLOWED:g} of the error")]
    title = f"not fitted: {', '.join(found.failed)}" if found.failed else ""
    with style():
        figure, (axes,) = rows(list(found.found), (1.0,), about, handles, title)
        _allowed(axes)
        axes.plot(values, range(len(values)), "o", color="black", markersize=8, gid="spurious", zorder=3)
        reach(axes, values, symmetric=True, least=0.3, label=f"Spurious {parameter(found.poi)} / its error")
    return figure


def _allowed(axes: Axes) -> None:
    axes.axvspan(-ALLOWED, ALLOWED, color=YELLOW, alpha=0.5, linewidth=0, zorder=0.5)
    axes.axvline(0, color="black", linewidth=1, linestyle=":", zorder=1)
