"""Densities as numbers, on either backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hzdsl.backends.base import Backend
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator

BACKENDS: tuple[Backend, ...] = (InterpretBackend(), CodegenBackend(cache=None))


def on_one(values: list[Value], columns: Mapping[str, Any], parameters: Mapping[str, float]) -> list[Any]:
    """Evaluate by the interpreter alone."""
    return list(RowEvaluator(values)(columns, parameters))


def on_both(values: list[Value], columns: Mapping[str, Any], parameters: Mapping[str, float]) -> list[Any]:
    """Evaluate on both backends, which must agree in every bit; return the numbers."""
    first, second = (RowEvaluator(values, backend)(columns, parameters) for backend in BACKENDS)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    return first


def density_at(
    density: Density, x: Any, parameters: Mapping[str, float] | None = None, ranges: Any = None, **columns: Any
) -> Any:
    """Return the normalised density at values of its observable."""
    return on_both([density.normalized(ranges)], {density.names[0]: x, **columns}, parameters or {})[0]
