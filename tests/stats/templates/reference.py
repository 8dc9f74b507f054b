"""Binned models evaluated in plain loops, from their records: what the compiled graph is compared with.

Written from STATS §3 and from what `hzdsl.stats.templates.model` says of its records; nothing is shared with the graph.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.stats.parameters import Counted, Normal
from hzdsl.stats.templates.model import Channel, Norm, Process, Shape, TemplateModel

Vector = npt.NDArray[np.float64]
Values = Mapping[str, float]


# ---- effects ---------------------------------------------------------------------------------------------------------


def smooth(u: float) -> float:
    """STATS §3.2, s(u)."""
    return (3 * u**5 - 10 * u**3 + 15 * u) / 8


def norm_factor(norm: Norm, x: float) -> float:
    if norm.rule == "code0":
        return 1 + x * (norm.up - 1) if x >= 0 else 1 - x * (norm.down - 1)
    if norm.rule == "combine":
        high, low = math.log(norm.up), math.log(norm.down)
        if abs(x) >= 0.5:
            return math.exp(x * (high if x >= 0 else -low))
        return math.exp(x * (0.5 * (high - low) + smooth(2 * x) * 0.5 * (high + low)))
    if norm.rule == "code1" or abs(x) >= 1:
        return float(norm.up**x if x >= 0 else norm.down**-x)
    return _joined_at_one(norm.up, norm.down, x)


def _joined_at_one(up: float, down: float, x: float) -> float:
    """HistFactory's code 4: the polynomial of degree 6 with f, f', f'' of the exponentials at ±1, and f(0) = 1."""
    a, b = math.log(up), math.log(down)
    powers = np.arange(1, 7)
    rows = []
    for edge in (1.0, -1.0):
        rows += [edge**powers, powers * edge ** (powers - 1), powers * (powers - 1) * edge ** (powers - 2.0)]
    wanted = [up - 1, up * a, up * a * a, down - 1, -down * b, down * b * b]
    return 1 + float(np.linalg.solve(np.array(rows), np.array(wanted)) @ x**powers)


def shape_shift(shape: Shape, theta: float) -> Vector:
    x, up, down = shape.scale * theta, shape.up, shape.down
    if shape.rule == "code0":
        return x * up if x >= 0 else -x * down
    if shape.rule == "code2":
        a, b = 0.5 * (up + down), 0.5 * (up - down)
        if x > 1:
            return (b + 2 * a) * (x - 1) + up
        return (b - 2 * a) * (x + 1) + down if x < -1 else a * x * x + b * x
    sign = math.copysign(1.0, x) if abs(x) >= shape.joined else smooth(x / shape.joined)
    return 0.5 * x * ((up - down) + sign * (up + down))


# ---- expectations ----------------------------------------------------------------------------------------------------


def contents(process: Process, values: Values) -> Vector:
    """Return h of a process."""
    nominal = np.asarray(process.contents, float)
    shifts = sum((shape_shift(s, values[s.parameter]) for s in process.shapes), np.zeros(len(nominal)))
    if any(s.log for s in process.shapes):
        found = nominal * np.exp(shifts)
        found = found * (nominal.sum() / found.sum())
    else:
        found = nominal + shifts
    if process.floor is not None:
        found = np.maximum(found, process.floor)
    return found / found.sum() if process.normalized else found


def rate(process: Process, values: Values) -> float:
    found = process.rate
    for norm in process.norms:
        found *= norm_factor(norm, values[norm.parameter])
    for factor in process.factors:
        found *= values[factor.parameter]
    if process.scale is not None:
        kernel = InterpretBackend().compile(Program(dumps=(process.scale,)))
        found *= float(kernel.run(Chunk(1, {}, {}), dict(values)).dumps[0].values[0])
    return found


def expected(process: Process, values: Values) -> Vector:
    found = rate(process, values) * contents(process, values)
    for gammas in process.gammas:
        found = found * [1.0 if name is None else values[name] for name in gammas.parameters]
    if process.added is not None:
        terms = [0.0 if name is None else values[name] for name in process.added.parameters]
        found = found + rate(process, values) * np.asarray(process.added.errors, float) * terms
    return found


# ---- the likelihood --------------------------------------------------------------------------------------------------


def poisson(count: float, mean: float) -> float:
    return mean - (count * math.log(mean) if count > 0 else 0.0) + math.lgamma(count + 1)


def profiled(count: float, mean: float, error: float, center: float = 0.0) -> float:
    """Return the least of λ - d ln λ + ½(ν - g)², λ = n + ν e, found by halving the interval in which its slope is 0."""

    def slope(nu: float) -> float:
        return error * (1 - count / (mean + nu * error)) + nu - center

    low, high = -mean / error + (1e-12 if count > 0 else 0.0), 50.0 + abs(center) + count / error
    if count == 0:
        nu = max(center - error, -mean / error)  # λ is not below 0
    else:
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        nu = 0.5 * (low + high)
    return poisson(count, mean + nu * error) + 0.5 * (nu - center) ** 2


def channel_value(channel: Channel, values: Values) -> float:
    if channel.mask is not None and values[channel.mask] != 0:  # a constant is left: that of a perfect fit
        return sum(poisson(float(n), float(n)) if n > 0 else 0.0 for n in channel.counts)
    each = [expected(p, values) for p in channel.processes]
    means = np.sum(each, axis=0)
    if channel.floor is not None:
        means = np.maximum(means, channel.floor)
    square = np.zeros(len(means))
    for p in channel.processes:
        if p.errors is not None:
            square += (rate(p, values) * p.errors) ** 2
    total = 0.0
    for b, count in enumerate(channel.counts):
        if channel.profiled is not None and channel.profiled[b]:
            total += profiled(float(count), float(means[b]), math.sqrt(square[b]))
        else:
            total += poisson(float(count), float(means[b]))
    return total


def value(model: TemplateModel, x: Vector) -> float:
    """Return -ln L with all constants."""
    values = dict(zip(model.parameters.names, map(float, x), strict=True))
    total = sum(channel_value(c, values) for c in model.channels)
    for p in model.parameters:
        at = values[p.name]
        if isinstance(p.constraint, Normal):
            sigma = p.constraint.sigma
            low = sigma if p.constraint.sigma_low is None else p.constraint.sigma_low
            total += 0.5 * ((at - p.constraint.center) / (low if at < p.constraint.center else sigma)) ** 2
            total += math.log(math.sqrt(2 * math.pi) * 0.5 * (sigma + low))
        elif isinstance(p.constraint, Counted):
            total += poisson(p.constraint.count, p.constraint.scale * at)
    return total
