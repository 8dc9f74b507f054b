"""The response of a channel to one parameter: nominal contents, and those one standard deviation up and down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.plot.figure import draw_header, draw_steps, label_axes, name_bins, new_figure, style
from hzdsl.plot.inference.binning import equally_wide, write_edges
from hzdsl.plot.inference.canvas import BLUE, RED
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles, draw_legend
from hzdsl.plot.panel import finish_panel
from hzdsl.plot.room import Skyline, information, make_room
from hzdsl.plot.stack import limit_x, scale_y
from hzdsl.plot.statistics import over
from hzdsl.plot.text import axis_label, drawable, events_label, number
from hzdsl.results.result import AxisResult, Floats
from hzdsl.stats.fits.yields import constraint_error
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.parameters import Vector

#: The panel shows at least this part of the nominal contents.
LEAST = 0.02


def plot_response(
    likelihood: Likelihood,
    parameter: str,
    channel: str,
    processes: str | Iterable[str] | None = None,
    *,
    at: Vector | None = None,
    subject: Subject | None = None,
) -> Figure:
    """Draw how the contents of a channel follow a parameter.

    Parameters
    ----------
    likelihood : Likelihood
        Of which `expected` is asked.
    parameter : str
        It is moved by the error of what constrains it; one without constraint by its step.
    channel : str
        A binned one.
    processes : str or several, optional
        Which are added up; default: all.
    at : array of shape (n,), optional
        The other parameters; default: nominal ones.
    subject : Subject, optional
        Edges and label of the channel, and the header.

    Raises
    ------
    HzdslError
        ``name-unknown`` for a channel or process that there is not, ``arguments`` for a channel without bins.

    Examples
    --------
    >>> from hzdsl.stats.parameters import Normal, Parameter, Parameters
    >>> from hzdsl.stats.templates.likelihood import TemplateLikelihood
    >>> from hzdsl.stats.templates.model import Channel, Norm, Process, TemplateModel
    >>> process = Process("bkg", np.array([10.0, 20.0]), norms=(Norm("lumi", 1.1, 0.9),))
    >>> model = TemplateModel((Channel("sr", (process,), counts=np.array([9.0, 22.0])),),
    ...                       Parameters([Parameter("lumi", constraint=Normal())]))
    >>> axes = plot_response(TemplateLikelihood(model), "lumi", "sr").axes[0]
    >>> [t.get_text() for t in axes.get_legend().get_texts()]
    ['Nominal (30.0)', '+1$\\\\sigma$ (33.0)', '−1$\\\\sigma$ (27.0)']
    """
    about = subject or Subject(likelihood.parameters)
    wanted = (processes,) if isinstance(processes, str) else None if processes is None else tuple(processes)
    nominal, up, down = _contents(likelihood, parameter, channel, wanted, at)
    wide = about.axis(channel, len(nominal))
    axis = equally_wide(wide)
    with style():
        figure, axes, lower = new_figure(panel=True)
        assert lower is not None
        limit_x(axes, axis.edges, log=False)
        tops = np.maximum(nominal, np.maximum(up, down))
        scale_y(axes, np.minimum(nominal, np.minimum(up, down)), tops, log=False)
        draw_header(axes, about.header)
        handles = _steps(axes, axis, nominal, up, down)
        label_axes(axes, lower, axis_label(axis), events_label(axis))
        axes.tick_params(labelbottom=False)
        _ratios(lower, axis, nominal, up, down)
        name_bins(lower, "x", axis)
        if axis is not wide:
            write_edges(lower, wide.edges)
        lines = [drawable(parameter), drawable(channel), ", ".join(map(drawable, wanted or ()))]
        make_room(axes, Skyline(axes, axis.edges, tops), draw_legend(axes, handles), information(axes, lines))
    return figure


def _contents(
    likelihood: Likelihood, parameter: str, channel: str, wanted: tuple[str, ...] | None, at: Vector | None
) -> tuple[Floats, Floats, Floats]:
    """Return the sum over processes: nominal, up, down."""
    k = likelihood.parameters.index(parameter)
    p = likelihood.parameters[k]
    step = constraint_error(p) or p.guessed_step()
    x = likelihood.parameters.values if at is None else at
    found = []
    for shift in (0.0, step, -step):
        moved = x.copy()
        moved[k] = np.clip(x[k] + shift, p.low, p.high)
        expected = likelihood.expected(moved)
        _check(channel, expected, "channel")
        for process in wanted or ():
            _check(process, expected[channel], "process")
        parts = [np.atleast_1d(v) for name, v in expected[channel].items() if wanted is None or name in wanted]
        found.append(np.asarray(np.sum(parts, axis=0), float))
    return found[0], found[1], found[2]


def _check(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        fix = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise HzdslError("name-unknown", f"there is no {what} '{name}' with expected contents", fix=fix)


def _steps(axes: Axes, axis: AxisResult, nominal: Floats, up: Floats, down: Floats) -> Handles:
    handles: Handles = []
    shown = (("Nominal", nominal, "black", "-"), (r"+1$\sigma$", up, RED, "-"), (r"−1$\sigma$", down, BLUE, "--"))
    for words, values, colour, dash in shown:
        look: dict[str, Any] = {"edgecolor": colour, "linewidth": 2.2, "linestyle": dash}
        draw_steps(axes, values, axis.edges, fill=False, gid="response", **look)
        sample = Line2D([], [], color=colour, linewidth=2.2, ls=dash)
        handles.append((sample, f"{words} ({number(float(values.sum()), keep_zeros=True)})"))
    return handles


def _ratios(axes: Axes, axis: AxisResult, nominal: Floats, up: Floats, down: Floats) -> None:
    axes.axhline(1.0, color="black", linewidth=1.5)
    far = LEAST
    for values, colour, dash in ((up, RED, "-"), (down, BLUE, "--")):
        ratio = over(values, nominal)
        far = max(far, 1.15 * float(np.max(np.abs(ratio[np.isfinite(ratio)] - 1), initial=0.0)))
        look = {"edgecolor": colour, "linewidth": 2.2, "linestyle": dash, "baseline": None}
        draw_steps(axes, np.where(np.isfinite(ratio), ratio, 1.0), axis.edges, fill=False, gid="ratio", **look)
    axes.set_ylim(1 - min(far, 1.0), 1 + min(far, 2.0))
    finish_panel(axes, "Ratio", symmetric=False)
