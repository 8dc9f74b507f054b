"""Binned models evaluated one bin at a time, as the comments of `templates/model.py` define them: slow and plain."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from hzdsl.stats.parameters import Counted, Normal
from hzdsl.stats.templates.model import Channel, Norm, Process, Shape, TemplateModel


def norm_factor(norm: Norm, x: float) -> float:
    """HistFactory's codes 0, 1 and 4 (CERN-OPEN-2012-016, and pyhf for the polynomial of degree 6)."""
    up, down = norm.up, norm.down
    if norm.rule == "code0":
        return 1 + x * (up - 1 if x > 0 else 1 - down)
    if norm.rule == "code1" or (norm.rule == "code4" and abs(x) >= 1):
        return up**x if x >= 0 else down**-x
    assert norm.rule == "code4"
    return 1 + sum(c * x**k for k, c in enumerate(joining(up, down), 1))


@cache
def joining(up: float, down: float) -> tuple[float, ...]:
    """The coefficients of the polynomial that meets both exponentials at ±1, up to second derivatives."""
    rows = [[s**k for k in range(1, 7)] for s in (1, -1)]
    rows += [[k * s ** (k - 1) for k in range(1, 7)] for s in (1, -1)]
    rows += [[k * (k - 1) * s ** (k - 2) if k > 1 else 0 for k in range(1, 7)] for s in (1, -1)]
    lu, ld = math.log(up), math.log(down)
    right = [up - 1, down - 1, lu * up, -ld * down, lu**2 * up, ld**2 * down]
    return tuple(np.linalg.solve(np.array(rows, float), right).tolist())


def shape_difference(shape: Shape, x: float) -> np.ndarray:
    """The codes 0, 2 and 4p; code 2 goes on linearly beyond 1, as in ROOT."""
    up, down = shape.up, shape.down
    if shape.rule == "code0":
        return x * up if x >= 0 else -x * down
    if shape.rule == "code2":
        a, b = (up + down) / 2, (up - down) / 2
        if abs(x) <= 1:
            return a * x**2 + b * x
        return (b + 2 * a) * (x - 1) + up if x > 1 else (b - 2 * a) * (x + 1) + down
    assert shape.rule in ("combine", "code4p")
    if abs(x) >= 1:
        return x * up if x > 0 else -x * down
    s = x * (3 * x**4 - 10 * x**2 + 15) / 8
    return x / 2 * ((up - down) + s * (up + down))


def process_yields(process: Process, at: dict[str, float]) -> np.ndarray:
    h = process.contents + sum(shape_difference(s, at[s.parameter]) for s in process.shapes)
    if process.floor is not None:
        h = np.maximum(h, process.floor)
    h = h * process.rate
    for norm in process.norms:
        h = h * norm_factor(norm, at[norm.parameter])
    for factor in process.factors:
        h = h * at[factor.parameter]
    for gammas in process.gammas:
        h = h * [1.0 if p is None else at[p] for p in gammas.parameters]
    return np.asarray(h, float)


def channel_yields(channel: Channel, at: dict[str, float]) -> np.ndarray:
    return np.sum([process_yields(p, at) for p in channel.processes], axis=0)


def expected(model: TemplateModel, x: np.ndarray) -> dict[str, np.ndarray]:
    at = dict(zip(model.parameters.names, map(float, x), strict=True))
    return {c.name: channel_yields(c, at) for c in model.channels}


def nll(model: TemplateModel, x: np.ndarray) -> float:
    """-ln L with all its constants."""
    terms = []
    for channel in model.channels:
        for n, mean in zip(channel.counts, expected(model, x)[channel.name], strict=True):
            terms.append(mean - (n * math.log(mean) if n else 0.0) + math.lgamma(n + 1))
    for p, value in zip(model.parameters, x, strict=True):
        c = p.constraint
        if isinstance(c, Normal):
            terms += [0.5 * ((value - c.center) / c.sigma) ** 2, math.log(c.sigma * math.sqrt(2 * math.pi))]
        if isinstance(c, Counted):
            terms += [c.scale * value - c.count * math.log(c.scale * value), math.lgamma(c.count + 1)]
    return math.fsum(terms)
