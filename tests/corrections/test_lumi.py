"""Luminosity masks: every block at the ends of its ranges, and what is no mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.backends.base import NUMPY, Backend, Chunk, Program
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE
from hzdsl.lang.values import Value
from tests.corrections.conftest import Write

MASK = {"297050": [[12, 137], [193, 776]], "297101": [[1, 1]], "5": [[3, 4], [4, 9], [1, 2]], "7": []}


def column(name: str, dtype: DType) -> Value:
    return Value(make("column", EVENT, name=name, attr=name, dtype=dtype, unit=NONE))


def inside(run: int, block: int) -> bool:
    return any(first <= block <= last for first, last in MASK.get(str(run), []))  # type: ignore[misc]


@pytest.mark.parametrize("dtype", [DType.U32, DType.I64, DType.I32, DType.U64])
def test_every_end(backend: Backend, write: Write, dtype: DType) -> None:
    mask = hz.lumi_mask(write(MASK, "golden.json.gz"))
    ends = {b + d for ranges in MASK.values() for r in ranges for b in r for d in (-1, 0, 1)}
    pairs = [(run, block) for run in (0, 4, 5, 6, 7, 297050, 297051, 297101) for block in sorted({0, 1, *ends})]
    if dtype in (DType.I64, DType.U64):
        pairs += [(5, 2**32 + 3), (2**32 + 5, 3), (4, 2**32 + 3), (2**63 - 1, 3)]
    if dtype.signed:
        pairs += [(-5, 3), (6, -(2**31) + 3), (297102, -1)]
    run, block = (np.array(x, NUMPY[dtype]) for x in zip(*pairs, strict=True))
    node = mask(column("run", dtype), column("luminosityBlock", dtype)).node
    chunk = Chunk(len(pairs), {"run": run, "luminosityBlock": block}, {})
    (dump,) = backend.compile(Program(dumps=(node,))).run(chunk, {}).dumps
    assert dump.values.tolist() == [inside(*p) for p in pairs]
    assert dump.values.any()


def test_ten_thousand_ranges(backend: Backend, write: Write) -> None:
    """One search, whatever the number of runs."""
    mask = hz.lumi_mask(write({str(run): [[k, k + 3] for k in range(1, 100, 10)] for run in range(1, 1001)}))
    run = np.repeat(np.arange(0, 1002, 77, dtype=np.uint32), 101)
    block = np.tile(np.arange(101, dtype=np.uint32), len(run) // 101)
    node = mask(column("run", DType.U32), column("luminosityBlock", DType.U32)).node
    (dump,) = (
        backend.compile(Program(dumps=(node,)))
        .run(Chunk(len(run), {"run": run, "luminosityBlock": block}, {}), {})
        .dumps
    )
    assert (
        dump.values.tolist()
        == ((run > 0) & (run < 1001) & (block % 10 >= 1) & (block % 10 < 5) & (block < 95)).tolist()
    )
    assert "1000 runs, 40000 blocks" in repr(mask)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ([], "spec-format", "is no luminosity mask"),
        ("{", "spec-format", "is no JSON"),
        ({"run": [[1, 2]]}, "spec-value", "'run' is no run number"),
        ({"-1": [[1, 2]]}, "spec-value", "'-1' is no run number"),
        ({"1": [1, 2]}, "spec-value", "run 1 has the range 1"),
        ({"1": {"a": 1}}, "spec-value", "no list of ranges"),
        ({"1": [[2, 1]]}, "spec-value", "[2, 1], which holds no block"),
        ({"1": [[1, 2, 3]]}, "spec-value", "the range [1, 2, 3]"),
        ({"1": [[1.0, 2]]}, "spec-value", "the range [1.0, 2]"),
        ({"1": [[-1, 2]]}, "spec-value", "holds no block"),
    ],
)
def test_bad_masks(write: Write, content: Any, code: str, said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        hz.lumi_mask(write(content))
    assert error.value.code == code
    assert said in str(error.value)


def test_runs_and_blocks_are_integers(write: Write) -> None:
    mask = hz.lumi_mask(write(MASK))
    with pytest.raises(hz.HzdslError, match="the luminosity block is an integer"):
        mask(column("run", DType.U32), column("x", DType.F32))
