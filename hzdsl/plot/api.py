"""The public functions of the package; what they need of matplotlib is loaded when they are called."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hzdsl.errors import HzdslError
from hzdsl.plot.model import Header, filling, header_of, stack
from hzdsl.results.result import HistogramResult, Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = ("pull", "ratio", "none")


def plot_result(
    result: Result, folder: str | PathLike[str], formats: Sequence[str] = ("png",), *, panel: str = "pull"
) -> list[Path]:
    """Draw every histogram of a result into files, and return their paths.

    Histograms of several samples are stacked (see `plot_stack`), those of one sample drawn alone (see
    `plot_histogram`). Histograms of one name in several regions are drawn once more, added up, where their
    bins are equal and no region lies inside another. Two-dimensional ones are colour meshes, simulation and
    data apart; histograms of more dimensions are left out, and the logger ``hzdsl.plot`` says so.

    The files are called ``<region>_<name>.png``, the sums over regions ``<name>.png`` (``<name>_combined.png``
    where that is taken), with ``_`` for what is unsafe in a name. Each is written whole or not at all, and
    holds no date: the same result gives the same bytes.

    Parameters
    ----------
    result : Result
        What a run gave.
    folder : path
        Where to write; made if need be.
    formats : sequence of str
        Of ``png``, ``pdf`` and ``svg``.
    panel : str
        Below a stack with data: ``"pull"``, ``"ratio"`` or ``"none"``.

    Raises
    ------
    HzdslError
        `spec-value` for an unknown format, `arguments` for an unknown panel, `output` where the files
        cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from hzdsl.results import AxisResult, HistogramResult, Result
    >>> axis = AxisResult("h_mass", "GeV", "mass", np.linspace(70.0, 180.0, 4), regular=True)
    >>> counts = np.array([0, 1, 5, 2, 0])
    >>> h = HistogramResult("h_mass", "4mu", (axis,), counts, counts * 1.0, counts * 1.0)
    >>> result = Result("higgs4l", "", 8, {}, {h.key: h}, {})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in plot_result(result, folder, ["png", "svg"])]
    ['4mu_h_mass.png', '4mu_h_mass.svg']
    """
    from hzdsl.plot.pages import write_pages

    _check_panel(panel)
    return write_pages(result, Path(folder), formats, panel)


def plot_histogram(
    h: HistogramResult,
    *,
    label: str = "",
    experiment: str = "",
    energy: str = "",
    luminosity: float | None = None,
    log: str | None = None,
) -> Figure:
    r"""Draw one histogram of one or two dimensions.

    In one dimension it is a step line with statistical errors (Garwood intervals for counts, the root of the
    sum of squared weights otherwise; none from 200 bins on, from 2000 on the area alone), with the numbers of
    entries, underflow and overflow, and its marks as names above the curve; where there are more than 200 bins and
    fewer entries than bins, neighbours are added up to about a hundred. In two it is a colour mesh, empty
    bins white.

    Parameters
    ----------
    h : HistogramResult
        What to draw.
    label : str
        A line about the sample; text or LaTeX, as all labels.
    experiment, energy : str
        What stands above the plot, such as ``"CMS Open Data"`` and ``"8 TeV"``.
    luminosity : float, optional
        In 1/pb.
    log : str, optional
        Logarithmic axes, letters of ``xyz`` (z: the colours); default: those of the histogram.

    Returns
    -------
    matplotlib.figure.Figure
        In its own style; neither pyplot nor the settings of matplotlib are touched.

    Raises
    ------
    HzdslError
        `unsupported` for more than two dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.results import AxisResult, HistogramResult
    >>> axis = AxisResult("h_mass", "GeV", r"$m_{4\mu}$", np.linspace(70.0, 180.0, 37), regular=True)
    >>> counts = np.ones(38, int)
    >>> h = HistogramResult("h_mass", "4mu", (axis,), counts, counts * 1.0, counts * 1.0)
    >>> axes = plot_histogram(h, experiment="CMS Open Data", energy="8 TeV").axes[0]
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('$m_{4\\mu}$ [GeV]', 'Events / 3.06 GeV')
    """
    from hzdsl.plot.pages import draw_histogram

    if len(h.axes) > 2:
        raise HzdslError(
            "unsupported",
            f"histogram '{h.key}' has {len(h.axes)} axes; plots have at most 2",
            fix="declare a histogram of one or two of them",
        )
    return draw_histogram(h, Header(experiment, energy, luminosity), label, log)


def plot_stack(result: Result, keys: str | Sequence[str], *, panel: str = "pull", log: str | None = None) -> Figure:
    """Draw one histogram of all samples of a result: simulation stacked, data as points.

    Samples of one process are one layer. Backgrounds lie at the bottom, the smaller lower; signals are
    coloured lines on top of them, as in ROOT's df103, where they add what can be seen; a hatched band is the
    statistical uncertainty of the sum. Data are black points with Garwood's central 68.27 % Poisson intervals
    (the root of the sum of squared weights, should they be weighted); as usual in CMS, an empty bin has
    neither point nor error bar. From 200 bins on, data are a line, from 2000 on bare points. The legend gives
    the yields inside the axis. Where a process that fills the region lacks the histogram, the plot says so,
    and data are not compared with the rest.

    Parameters
    ----------
    result : Result
        What a run gave.
    keys : str or sequence of str
        The histogram, such as ``"4mu/h_mass"``, or several of equal bins to be added up.
    panel : str
        Below: ``"pull"`` is (data - prediction) / sqrt(prediction + variance of the simulation), which has
        a meaning in bins with few or no events, too; ``"ratio"`` is data / prediction; ``"none"``.
    log : str, optional
        Logarithmic axes: ``"x"``, ``"y"``, ``"xy"``, ``""``; default: those of the histogram.

    Returns
    -------
    matplotlib.figure.Figure
        In its own style; neither pyplot nor the settings of matplotlib are touched.

    Raises
    ------
    HzdslError
        `name-unknown` for a histogram that the result does not have, `binning` where bins differ,
        `unsupported` for more than one dimension, `arguments` for an unknown panel.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.ir.analysis import Sample
    >>> from hzdsl.results import AxisResult, HistogramResult, Result, SampleResult
    >>> axis = AxisResult("h_mass", "GeV", "mass", np.linspace(70.0, 180.0, 4), regular=True)
    >>> def sample(name, role, contents, weight):
    ...     counts = np.array([0, *contents, 0])
    ...     h = HistogramResult("h_mass", "4mu", (axis,), counts, counts * weight, counts * weight**2)
    ...     kind = "data" if role == "data" else "simulation"
    ...     return SampleResult(Sample(name, kind=kind, role=role), 100, weight, {}, {h.key: h})
    >>> samples = [sample("H", "signal", [0, 90, 0], 0.03), sample("ZZ", "background", [40, 10, 50], 0.1),
    ...            sample("Run2012", "data", [5, 4, 3], 1.0)]
    >>> keyed = {s.sample.name: s for s in samples}
    >>> result = Result("higgs4l", "", 300, {}, dict(samples[0].histograms), keyed, luminosity=11580.0)
    >>> figure = plot_stack(result, "4mu/h_mass")
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['Data (12)', 'H (2.70)', 'ZZ (10.0)', 'Stat. uncertainty']
    """
    from hzdsl.plot.figure import style
    from hzdsl.plot.stack import draw_stack

    _check_panel(panel)
    chosen = (keys,) if isinstance(keys, str) else tuple(keys)
    if not chosen:
        raise HzdslError("arguments", "plot_stack: no histogram is named")
    samples = filling(result, chosen)
    shape = result.histograms[chosen[0]]
    if len(shape.axes) != 1:
        raise HzdslError(
            "unsupported", f"histogram '{shape.key}' has {len(shape.axes)} axes and cannot be stacked",
            fix="draw it with plot_histogram",
        )  # fmt: skip
    gathered = stack(result, chosen)
    with style():
        return draw_stack(gathered, header_of(result, samples), panel, gathered.shape.log if log is None else log)


def _check_panel(panel: str) -> None:
    if panel not in PANELS:
        raise HzdslError("arguments", f"panel is '{panel}'", fix=" or ".join(PANELS))
