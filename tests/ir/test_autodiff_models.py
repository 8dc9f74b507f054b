"""Whole models: the Asimov Hessian against its formula, random smooth expressions against JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzdsl.backends.base import Chunk
from hzdsl.ir import build, members
from hzdsl.ir.autodiff import gradient, hessian_vector, second
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE
from tests.ir.smooth import evaluated, total

# ---- the Asimov Hessian ----------------------------------------------------------------------------------------------

BINS = make("collection", EVENT, name="Bin")
SIGNALS = 5


def bins_column(name: str) -> Node:
    return make("column", BINS, name=f"Bin_{name}", attr=name, dtype=DType.F64, unit=NONE)


def asimov(n_bins: int) -> tuple[Chunk, np.ndarray[Any, Any]]:
    """Return templates and the Asimov data of them, and the Hessian that the seed 002 gives: Σ s_ik s_jk / n_k."""
    rng = np.random.default_rng(2)
    signals, background = rng.uniform(0.5, 20, (SIGNALS, n_bins)), rng.uniform(1, 50, n_bins)
    data = signals.sum(axis=0) + background
    columns = {"Bin_n": data, "Bin_b": background} | {f"Bin_s{i}": s for i, s in enumerate(signals)}
    return Chunk(1, columns, {"Bin": np.array([0, n_bins])}), (signals / data) @ signals.T


def poisson(strengths: list[Node]) -> Node:
    """Return the negative logarithm of the likelihood of counts, without what is constant."""
    terms = [build.arithmetic("mul", mu, bins_column(f"s{i}")) for i, mu in enumerate(strengths)]
    expected = build.arithmetic("add", total(terms), bins_column("b"))
    logs = build.arithmetic("mul", bins_column("n"), build.function("log", expected))
    return members.reduce("sum", build.arithmetic("sub", expected, logs))


def test_the_hessian_of_asimov_data() -> None:
    strengths = [build.param(f"mu{i}", 1.0) for i in range(SIGNALS)]
    chunk, expected = asimov(40)
    likelihood = poisson(strengths)
    slopes = [d.values[0] for d in evaluated(gradient(likelihood, strengths), {}, chunk)]
    assert np.abs(slopes).max() < 1e-10 * np.diag(expected).max()
    rows = second(likelihood, strengths)
    found = np.array([[d.values[0] for d in evaluated(row, {}, chunk)] + [0] * (SIGNALS - len(row)) for row in rows])
    np.testing.assert_allclose(np.tril(found), np.tril(expected), rtol=1e-10)


def test_products_of_the_hessian_with_a_vector() -> None:
    strengths = [build.param(f"mu{i}", 1.0) for i in range(SIGNALS)]
    chunk, expected = asimov(40)
    vector = np.random.default_rng(3).normal(size=SIGNALS)
    rates = {mu: build.param(f"v{i}", 0.0) for i, mu in enumerate(strengths)}
    product = hessian_vector(poisson(strengths), rates)
    dumps = evaluated(product, {f"v{i}": v for i, v in enumerate(vector)}, chunk)
    np.testing.assert_allclose([d.values[0] for d in dumps], expected @ vector, rtol=1e-10)


# ---- random expressions ----------------------------------------------------------------------------------------------

ROWS, PARAMETERS = 4, 3
LIST = make("collection", EVENT, name="R")
COLUMNS = {name: make("column", LIST, name=f"R_{name}", attr=name, dtype=DType.F64, unit=NONE) for name in "xy"}
DATA = {name: np.random.default_rng(k).uniform(0.3, 1.7, ROWS) for k, name in enumerate("xy")}
CHUNK = Chunk(1, {f"R_{name}": x for name, x in DATA.items()}, {"R": np.array([0, ROWS])})

#: An expression as it is drawn: an operation and its operands, or a leaf.
Tree = tuple[Any, ...]
LEAVES = st.one_of(
    st.tuples(st.just("param"), st.integers(0, PARAMETERS - 1)),
    st.tuples(st.just("column"), st.sampled_from("xy")),
    st.tuples(st.just("const"), st.sampled_from([0.5, 1.25, -0.75, 2.0])),
)
UNARY = ("exp", "log", "sqrt", "sin", "cos", "tanh", "atan", "erf", "log1p", "asinh", "neg", "abs")
BINARY = ("add", "sub", "mul", "div", "pow", "hypot", "atan2", "where")


def _extend(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.tuples(st.sampled_from(UNARY), trees),
        st.tuples(st.sampled_from(BINARY), trees, trees),
        st.tuples(st.just("sum"), trees),
    )


TREES = st.recursive(LEAVES, _extend, max_leaves=14)

#: Operations that are defined for positive numbers only are asked for at 0.1 + x².
POSITIVE = {"log", "sqrt", "log1p", "div", "pow"}


class Graph:
    """The expression as nodes."""

    def __init__(self) -> None:
        self.parameters = [build.param(f"p{i}", 0.0) for i in range(PARAMETERS)]

    def of(self, tree: Tree) -> Node:
        op, *rest = tree
        if op in ("param", "column", "const"):
            leaf = {"param": self.parameters.__getitem__, "column": COLUMNS.__getitem__, "const": build.const}[op]
            return leaf(rest[0])
        values = [self.of(x) for x in rest]
        if op == "sum":
            return members.reduce("sum", build.lift(values[0], LIST))
        if op in POSITIVE:
            k = 0 if op == "pow" else -1
            squared = build.arithmetic("mul", values[k], values[k])
            values[k] = build.arithmetic("add", build.const(0.1), squared)
        return self._applied(op, values)

    @staticmethod
    def _applied(op: str, values: list[Node]) -> Node:
        one_of: dict[str, Callable[..., Node]] = {
            "neg": build.neg,
            "abs": build.absolute,
            "pow": build.power,
            "where": lambda a, b: build.where(build.compare("lt", a, b), build.arithmetic("mul", a, b), b),
        }
        if op in one_of:
            return one_of[op](*values)
        if op in ("hypot", "atan2"):
            return build.function2(op, *values)
        return build.function(op, *values) if len(values) == 1 else build.arithmetic(op, *values)


def in_jax(tree: Tree, p: Any) -> Any:
    """Return the expression in JAX: of shape () per event, (rows,) along the list."""
    import jax.numpy as jnp
    from jax.scipy.special import erf

    op, *rest = tree
    if op in ("param", "column", "const"):
        return p[rest[0]] if op == "param" else jnp.asarray(DATA[rest[0]]) if op == "column" else jnp.asarray(rest[0])
    values = [in_jax(x, p) for x in rest]
    if op == "sum":
        return jnp.sum(jnp.broadcast_to(values[0], (ROWS,)))
    if op in POSITIVE:
        k = 0 if op == "pow" else -1
        values[k] = 0.1 + values[k] ** 2
    functions: dict[str, Callable[..., Any]] = {
        "atan": jnp.arctan,
        "asinh": jnp.arcsinh,
        "erf": erf,
        "neg": lambda x: -x,
        "add": jnp.add,
        "sub": jnp.subtract,
        "mul": jnp.multiply,
        "div": jnp.divide,
        "pow": jnp.power,
        "atan2": jnp.arctan2,
        "where": lambda a, b: jnp.where(a < b, a * b, b),
    }
    return functions[op](*values) if op in functions else getattr(jnp, op)(*values)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(TREES, TREES, st.integers(0, 2**16))
def test_random_models_agree_with_jax(tree: Tree, other: Tree, seed: int) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_disable_most_optimizations", True)  # each is run once
    point = np.random.default_rng(seed).uniform(0.2, 1.4, PARAMETERS)
    whole = ("sum", ("mul", tree, other))

    def in_float(p: Any) -> Any:
        return in_jax(whole, p)

    graph = Graph()
    result = graph.of(whole)
    rows = second(result, graph.parameters)
    slopes = gradient(result, graph.parameters)
    dumps = evaluated([result, *slopes, *(g for row in rows for g in row)], named(point), CHUNK)
    found = np.array([d.values[0] for d in dumps])
    everything = jax.jit(lambda p: (in_float(p), jax.grad(in_float)(p), jax.hessian(in_float)(p)))
    value, slope, hessian = (np.asarray(x) for x in everything(point))
    expected = np.array([value, *slope, *hessian[np.tril_indices(PARAMETERS)]])
    if np.isfinite(expected).all() and np.abs(expected).max() < 1e6:
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(expected).max()))


def named(point: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {f"p{i}": x for i, x in enumerate(point)}
