"""The pictures of the fit: the mass with the fit and its pulls, and the scan of the signal's yield."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analyses.bsmm.generate import HIGH, LOW
from analyses.bsmm.inference import WeightedLikelihood
from analyses.bsmm.model import CHANNEL, MASS
from hzdsl.io.sinks import atomic_path
from hzdsl.stats.densities.evaluate import Evaluator
from hzdsl.stats.densities.inversion import Draws
from hzdsl.stats.densities.model import Extended
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.methods.scans import LEVELS, Scan
from hzdsl.stats.parameters import Vector

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Of 10 MeV, which the label says; and how much finer curves are drawn.
BINS, FINER = 90, 10


def expected(likelihood: WeightedLikelihood, result: FitResult, edges: Vector) -> Mapping[str, Vector]:
    """Return what the fit expects of signal and background in bins: exact integrals of the densities."""
    (channel,) = likelihood.model.channels
    assert isinstance(channel.density, Extended)
    values = result.named()
    processes = channel.density.processes
    yields = Evaluator([n for n, _ in processes.values()]).scalars(values)
    shares = [Draws(p, channel.fitted).shares(edges, values) for _, p in processes.values()]
    return {name: n * share for name, n, share in zip(processes, yields, shares, strict=True)}


def contents(likelihood: WeightedLikelihood, edges: Vector) -> tuple[Vector, Vector]:
    """Return the sums of weights in bins, and their variances."""
    found = likelihood.observation.channels[CHANNEL]
    assert isinstance(found, Rows)
    assert found.weights is not None
    sums, variances = (np.histogram(found.columns[MASS], edges, weights=found.weights**k)[0] for k in (1, 2))
    return sums, variances


def pulls(seen: Vector, variance: Vector, fitted: Vector) -> Vector:
    """Return (seen - expected)/error, of the error that is expected: of weights as large as those that were seen.

    Bins without candidates have the weights of the whole sample; as in the seed, errors are those of expectations.
    """
    mean = variance.sum() / seen.sum()
    size = np.divide(variance, seen, out=np.full_like(seen, mean), where=seen > 0)
    return np.asarray((seen - fitted) / np.sqrt(fitted * size))


def draw_mass(likelihood: WeightedLikelihood, result: FitResult) -> Figure:
    """Return the mass of the candidates with the fit, and pulls below."""
    from hzdsl.plot.figure import label_axes, new_figure, style

    edges, fine = (np.linspace(LOW, HIGH, n + 1) for n in (BINS, FINER * BINS))
    seen, variance = contents(likelihood, edges)
    fitted = sum(expected(likelihood, result, edges).values())
    curves = {name: FINER * y for name, y in expected(likelihood, result, fine).items()}
    with style():
        figure, main, below = new_figure(panel=True)
        assert below is not None
        main.errorbar(_middles(edges), seen, np.sqrt(variance), fmt="ko", markersize=4, label="candidates, weighted")
        main.plot(_middles(fine), sum(curves.values()), color="C3", label="fit")
        main.plot(_middles(fine), curves["background"], color="C0", linestyle="--", label="background")
        main.plot(_middles(fine), curves["signal"], color="C2", linestyle="-.", label="B⁰s → μμ")
        main.set(xlim=(LOW, HIGH), ylim=(0, 1.3 * seen.max()))
        main.legend(loc="upper right")
        below.axhline(0, color="0.5", linewidth=1)
        for level in (-3, 3):
            below.axhline(level, color="C3", linewidth=1, linestyle="--")
        below.errorbar(_middles(edges), pulls(seen, variance, fitted), 1, fmt="ko", markersize=3)
        below.set(ylim=(-5, 5), yticks=(-3, 0, 3), ylabel="pull")
        label_axes(main, below, "m(μμ) [MeV]", f"sum of weights / {(HIGH - LOW) / BINS:g} MeV")
    return figure


def draw_scan(found: Scan) -> Figure:
    """Return the profile of the signal's yield: -2 Δln L, at 1 for 68.3 % and at 3.84 for 95 %."""
    from hzdsl.plot.figure import label_axes, new_figure, style

    (grid,) = found.grid
    with style():
        figure, main, _ = new_figure()
        main.plot(grid, 2 * found.delta, color="C0", marker="o", markersize=4)
        for name, level, ends in zip(("68.3 %", "95 %"), LEVELS[1], found.intervals, strict=True):
            main.axhline(2 * level, color="C3", linewidth=1, linestyle="--")
            main.annotate(f"{name}: {2 * level:.2f}", (grid[-1], 2 * level), ha="right", va="bottom")
            main.vlines([ends.low, ends.high], 0, 2 * level, color="C3", linewidth=1, linestyle=":")
        main.set(xlim=(grid[0], grid[-1]), ylim=(0, 10))
        label_axes(main, main, "signal yield", r"$-2\,\Delta\ln L$")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all."""
    from hzdsl.plot.save import picture

    with atomic_path(str(path)) as temporary:
        Path(temporary).write_bytes(picture(figure, "png", path.stem))


def _middles(edges: Vector) -> Vector:
    return np.asarray(0.5 * (edges[1:] + edges[:-1]))
