"""Graphs as bytes: what comes back is what was written, damage is noticed, nothing but data is made."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.node import make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.packed import FORMAT, MARK, pack, unpack
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV, Unit
from hzdsl.sealed import sealed


@dataclass(frozen=True)
class Record:
    name: str
    content: Any = None


def rewritten(data: bytes, change: Any) -> bytes:
    """Bytes whose text is changed, with the right checksum."""
    (length,) = struct.unpack_from("<Q", data, 48)
    content = json.loads(data[56 : 56 + length])
    change(content)
    text = json.dumps(content).encode()
    body = struct.pack("<Q", len(text)) + text + data[56 + length :]
    return sealed(data[:16], body)


def graph() -> Record:
    edges = Numbers.of([0.0, 20.0, 50.0])
    x = make("column", build.const(1).type.axis, name="x", attr="x", dtype=DType.F64, unit=GEV, schema=Record("s"))
    return Record("cell", (make("search", x, edges=edges), build.const(-0.0, GEV)))


@pytest.mark.parametrize(
    "value",
    [
        None, True, -(2**63), "µ", 0.1, float("inf"), -0.0, DType.F32, GEV, Unit(pow10=Fraction(1, 2)), Numbers.of([1, 2]),
        (), ((1,), "a"), {"a": (1, 2)}, {(1, "b"): None}, Record("r", Record("s")),
    ],
    ids=repr,
)  # fmt: skip
def test_values_come_back(value: Any) -> None:
    found = unpack(pack(value), [Record])
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_nan_comes_back() -> None:
    assert repr(unpack(pack(float("nan")), ())) == "nan"


def test_nodes_are_the_same_objects() -> None:
    value = graph()
    found = unpack(pack(value), [Record])
    assert all(a is b for a, b in zip(found.content, value.content, strict=True))


def test_equal_values_give_equal_bytes() -> None:
    assert pack(graph()) == pack(unpack(pack(graph()), [Record]))


def test_numbers_are_stored_as_they_are() -> None:
    assert pack(graph()).endswith(struct.pack("<3d", 0.0, 20.0, 50.0))


def test_every_damaged_byte_is_noticed() -> None:
    data = pack(graph())
    for i in range(len(data)):
        damaged = bytearray(data)
        damaged[i] ^= 0x10
        with pytest.raises(HzdslError, match="graph"):
            unpack(bytes(damaged), [Record])


@pytest.mark.parametrize("size", [0, 7, 8, 20, 48, 56, 100, -1])
def test_a_part_is_noticed(size: int) -> None:
    with pytest.raises(HzdslError) as caught:
        unpack(pack(graph())[:size], [Record])
    assert caught.value.code == "graph-format"


def test_another_version_is_told() -> None:
    data = pack(1)
    other = MARK + struct.pack("<I", FORMAT + 1) + data[12:]
    with pytest.raises(HzdslError, match=f"written in format {FORMAT + 1}.1, this hzdsl reads {FORMAT}.1"):
        unpack(other, ())


def change_operand(content: Any) -> None:
    content["nodes"][0][1] = [5]


def change_operation(content: Any) -> None:
    content["nodes"][-1][0] = "exec"


def change_type(content: Any) -> None:  # the edges of a table are numbers
    content["nodes"][-1][2] = [["edges", "0, 20, 50"]]


def change_operand_type(content: Any) -> None:  # a search in an axis
    content["nodes"][2][1] = [0]


def change_record(content: Any) -> None:
    content["value"][0] = "Popen"


def change_fields(content: Any) -> None:
    content["value"].append(1)


def change_rows(content: Any) -> None:
    content["rows"][0][1] = 16


@pytest.mark.parametrize(
    "change",
    [
        change_operand,
        change_operation,
        change_type,
        change_operand_type,
        change_record,
        change_fields,
        change_rows,
    ],
)
def test_what_makes_no_sense_is_refused(change: Any) -> None:
    with pytest.raises(HzdslError) as caught:
        unpack(rewritten(pack(graph()), change), [Record])
    assert caught.value.code == "graph-format"
