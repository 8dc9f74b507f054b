"""Distributions of a test statistic over toys, and where the data are: significance, goodness of fit, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import draw_steps, style
from hzdsl.plot.inference.canvas import BLUE, RED, canvas, finish, scale
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import p_value
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import drawable, number
from hzdsl.results.result import Floats
from hzdsl.stats.methods.goodness import NAMES, Goodness
from hzdsl.stats.methods.look_elsewhere import Scans
from hzdsl.stats.methods.probabilities import ToyPValue
from hzdsl.stats.methods.repeated import Repeated
from hzdsl.stats.methods.significance import Significance, ToySignificance
from hzdsl.stats.methods.toy_tests import ToyTest

#: Bins of a distribution: about the root of the number of toys, within bounds.
LEAST_BINS, MOST_BINS = 12, 60
FILL = "#c7d8ee"
PALE_RED = "#efb5bd"
Q0 = "$q_0$"


def plot_toys(
    values: Mapping[str, Floats],
    observed: float,
    label: str,
    *,
    lines: tuple[str, ...] = (),
    curve: bool = False,
    log: bool = True,
    subject: Subject | None = None,
) -> Figure:
    """Draw distributions of a test statistic, and a line where the data are.

    Parameters
    ----------
    values : mapping of str to array
        Of toys, by what the legend calls them; the part of the first that is as extreme as the data is darker.
    observed : float
        Of the data; there is no line where it is not finite.
    label : str
        What the statistic is called.
    lines : tuple of str
        What is said in the corner: such as a p-value.
    curve : bool
        Whether the asymptotic distribution of q0, half a χ² of one degree of freedom, is drawn too.
    log : bool
        Whether the number of toys is on a logarithmic axis.
    subject : Subject, optional
        The header.

    Raises
    ------
    HzdslError
        ``arguments`` where there are no toys.

    Examples
    --------
    >>> figure = plot_toys({"Toys": np.array([0.0, 0.5, 1.0, 4.0])}, 2.5, "statistic")
    >>> [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    ['Observed 2.5', 'Toys (4)']
    """
    finite = {name: v[np.isfinite(v)] for name, v in values.items()}
    if not any(len(v) for v in finite.values()):
        raise HzdslError("arguments", "there are no toys to draw", fix="throw toys: toys=1000")
    about, edges = subject or Subject(), _edges(list(finite.values()), observed)
    with style():
        figure, axes = canvas(about)
        counts = {name: np.histogram(v, edges)[0].astype(float) for name, v in finite.items()}
        highest = max(float(c.max()) for c in counts.values())
        scale(axes, (edges[0], edges[-1]), (0.5, 2 * highest) if log else (0.0, 1.1 * highest), log_y=log)
        handles = _distributions(axes, finite, counts, edges, observed)
        if curve:
            handles.append(_half_chi2(axes, edges, len(next(iter(finite.values())))))
        if isfinite(observed):
            handles.insert(0, _seen(axes, observed))
        finish(axes, (label, "Toys / bin"), handles, lines)
    return figure


def _seen(axes: Axes, observed: float) -> tuple[Line2D, str]:
    """Draw the line of the data, up to where words begin, and return its entry of the legend."""
    low, high = axes.get_ylim()
    (line,) = axes.plot([observed] * 2, [low, high], color=RED, linewidth=2.5, gid="observed", zorder=4)
    return line, f"Observed {number(observed)}"


def _edges(values: list[Floats], observed: float) -> Floats:
    every = np.concatenate([*values, [observed] if isfinite(observed) else []])
    low, high = float(every.min()), float(every.max())
    low = 0.0 if 0 <= low < 0.3 * high else low
    bins = int(np.clip(np.sqrt(max(len(v) for v in values)), LEAST_BINS, MOST_BINS))
    margin = 0.05 * (high - low) or 0.5
    return np.asarray(np.linspace(low if low == 0 else low - margin, high + margin, bins + 1))


def _distributions(
    axes: Axes, values: Mapping[str, Floats], counts: Mapping[str, Floats], edges: Floats, observed: float
) -> Handles:
    handles: Handles = []
    for k, (name, bins) in enumerate(counts.items()):
        words = f"{drawable(name)} ({len(values[name])})"
        if k == 0:
            draw_steps(axes, bins, edges, facecolor=FILL, edgecolor=BLUE, linewidth=1.5, fill=True, gid="toys")
            beyond = np.histogram(values[name][values[name] >= observed], edges)[0].astype(float)
            draw_steps(axes, beyond, edges, facecolor=PALE_RED, linewidth=0, gid="extreme", zorder=1.5)
            handles.append((Patch(facecolor=FILL, edgecolor=BLUE), words))
        else:
            draw_steps(
                axes, bins, edges, fill=False, edgecolor="black", linewidth=2, linestyle="--", gid="toys", zorder=2
            )
            handles.append((Line2D([], [], color="black", linewidth=2, linestyle="--"), words))
    return handles


def _half_chi2(axes: Axes, edges: Floats, toys: int) -> tuple[Line2D, str]:
    """Draw how many toys are expected in each bin where half of them are a χ², and half of them 0."""
    from scipy.stats import chi2

    inside = np.diff(chi2.cdf(np.maximum(edges, 0.0), 1)) / 2
    inside[np.searchsorted(edges, 0.0, side="right") - 1] += 0.5
    middle = 0.5 * (edges[1:] + edges[:-1])
    look: dict[str, Any] = {"color": "black", "linewidth": 2, "linestyle": "-.", "zorder": 3}
    axes.plot(middle, toys * inside, gid="asymptotic", **look)
    return Line2D([], [], **look), r"½ $\chi^2_1$"


def plot_toy_significance(found: ToySignificance, *, subject: Subject | None = None) -> Figure:
    """Draw q0 of toys without signal beside its asymptotic distribution, and that of the data."""
    z = rf"$Z$ = {found.found.z:.2f} ± {found.found.z_error:.2f}" if isfinite(found.found.z) else ""
    lines = (p_value(found.found), z, f"asymptotic $Z$ = {found.asymptotic.z:.2f}")
    toys = {"Toys without signal": found.q0}
    return plot_toys(toys, found.asymptotic.q0, Q0, lines=lines, curve=True, subject=subject)


def plot_significance(found: Significance, *, subject: Subject | None = None) -> Figure:
    """Draw the asymptotic distribution of q0 without signal: its tail beyond the data is the p-value."""
    from scipy.stats import chi2

    about, top = subject or Subject(), max(1.25 * found.q0, 6.0)
    x = np.linspace(top / 400, top, 400)
    y = chi2.pdf(x, 1) / 2
    with style():
        figure, axes = canvas(about)
        scale(axes, (0.0, top), (float(y[-1]) / 3, 2.0), log_y=True)
        (line,) = axes.plot(x, y, color=BLUE, linewidth=2.5, gid="asymptotic")
        tail = x >= found.q0
        axes.fill_between(x[tail], y[tail], color=PALE_RED, linewidth=0, gid="extreme")
        handles = [_seen(axes, found.q0), (line, r"½ $\chi^2_1$")]
        lines = [f"$Z$ = {found.z:.2f}", f"$p$ = {number(found.p)}"]
        finish(axes, (Q0, "Probability density"), handles, lines)
    return figure


def plot_goodness(found: Goodness, *, subject: Subject | None = None) -> Iterator[tuple[str, Figure]]:
    """Draw the statistic of a goodness of fit over toys, a figure for each channel that it is of.

    Yields
    ------
    (str, Figure)
        ``goodness_CHANNEL``, and the figure; nothing where no toys were thrown.
    """
    for channel, values in found.toys.items():
        which = [drawable(channel)] if len(found.toys) > 1 else []
        lines = (*which, p_value(found.p[channel]))
        name = f"{NAMES[found.statistic]} statistic"
        shown = plot_toys(
            {"Toys": values},
            found.observed[channel],
            name[0].upper() + name[1:],
            lines=lines,
            log=False,
            subject=subject,
        )
        yield f"goodness_{channel}", shown


def plot_toy_test(found: ToyTest, *, subject: Subject | None = None) -> Figure:
    """Draw the statistic of one tested value over toys with and without signal."""
    value, error = found.cls()
    toys = {"Toys with signal": found.with_signal, "Toys without": found.without}
    seen = (f"CL$_s$ = {number(value)} ± {number(error, 2)}",) if isfinite(value) else ()
    lines = (*seen, rf"$\mu$ = {number(found.mu)}")
    return plot_toys(toys, found.observed, r"$\tilde{q}_\mu$", lines=lines, subject=subject)


def plot_repeated(found: Repeated, *, subject: Subject | None = None) -> Iterator[tuple[str, Figure]]:
    """Draw what a method said of each toy, a figure for each quantity.

    Yields
    ------
    (str, Figure)
        ``toys_QUANTITY``, and the figure.
    """
    for name, values in found.values.items():
        known = values[np.isfinite(values)]
        if len(known):
            lines = (f"mean = {number(float(known.mean()))}", f"deviation = {number(float(known.std()))}")
            label = drawable(f"{found.what}: {name}")
            shown = plot_toys({"Toys": known}, float("nan"), label, lines=lines, log=False, subject=subject)
            yield f"toys_{name}", shown


def plot_toy_scans(found: Scans, observed: float | None = None, *, subject: Subject | None = None) -> Figure:
    """Draw the largest q0 of each scan of toys without signal, and that of the data where it is given."""
    top = np.nanmax(found.q0, axis=1)
    value = float("nan") if observed is None else observed
    lines: tuple[str, ...] = ()
    if observed is not None:
        p: ToyPValue = found.p(observed)
        lines = (f"global {p_value(p)}", rf"$Z$ = {p.z:.2f} ± {p.z_error:.2f}" if isfinite(p.z) else "")
    label = f"Largest {Q0} along {(subject or Subject()).label(found.parameter)}"
    return plot_toys({"Toys without signal": top}, value, label, lines=lines, log=False, subject=subject)
