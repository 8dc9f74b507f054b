"""A graph as bytes: nodes, and the records that hold them, written and read without running anything.

The bytes are, lowest byte first::

    8 bytes   MARK
    u32 u32   FORMAT, and `hzdsl.ir.hash.CORE_VERSION`, the meaning of the operations
    32 bytes  the seal of all of it (`hzdsl.sealed`)
    u64       length of the text
    text      JSON: {"nodes": [[op, [operands], [[attribute, value], ...]], ...], "shared": [record, ...],
              "rows": [[dtype, bytes], ...], "value": value}
    rows      the numbers of tables, as `hzdsl.ir.numbers.Numbers` holds them

Nodes come after their operands, which are called by number. Reading makes them by the same constructors as writing an
analysis does, so their types are inferred again, and equal expressions are one object again. Equal values give equal
bytes, whichever process writes them: their digest can be a key.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.hash import CORE_VERSION
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.ir.units import Unit
from hzdsl.sealed import opened, sealed

MARK, FORMAT = b"hzdsl-ir", 2
_HEAD = struct.Struct("<8sII")
_LENGTH = struct.Struct("<Q")


def pack(value: object) -> bytes:
    """Return records (dataclasses), tuples and mappings of nodes, numbers and texts as bytes."""
    text, rows = _Writer(value).written()
    return sealed(_HEAD.pack(MARK, FORMAT, CORE_VERSION), _LENGTH.pack(len(text)) + text + rows)


def unpack(data: bytes, records: Iterable[type]) -> Any:
    """Return what `pack` wrote.

    Parameters
    ----------
    data : bytes
        All that was written, no more.
    records : iterable of dataclass
        The records that may stand in it; nothing else is made.

    Raises
    ------
    HzdslError
        `graph-format` where the bytes are damaged, of another version or something else.

    Examples
    --------
    >>> unpack(pack((1, "a", 0.1, {"b": DType.F32})), ())
    (1, 'a', 0.1, {'b': <DType.F32: 'f32'>})
    >>> unpack(b"something else", ())
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[graph-format]: these bytes hold no graph of hzdsl
      fix: write them again
    """
    if data[: len(MARK)] != MARK:
        raise _error("these bytes hold no graph of hzdsl")
    with _sound():
        _, form, core = _HEAD.unpack_from(data)
        if (form, core) != (FORMAT, CORE_VERSION):
            raise _error(
                f"the graph was written in format {form}.{core}, this hzdsl reads {FORMAT}.{CORE_VERSION}",
                "use the same version of hzdsl on both sides",
            )
        body = opened(data, data[: _HEAD.size])
        if body is None:
            raise ValueError("its checksum differs")
        end = _LENGTH.size + _LENGTH.unpack_from(body)[0]
        return _Reader(json.loads(body[_LENGTH.size : end]), body[end:], records).value()


def _error(message: str, fix: str = "write them again") -> HzdslError:
    return HzdslError("graph-format", message, fix=fix)


@contextmanager
def _sound() -> Iterator[None]:
    """Report whatever bytes that make no sense lead to.

    Raises
    ------
    HzdslError
        `graph-format`.
    """
    try:
        yield
    except HzdslError as error:
        raise error if error.code == "graph-format" else _error(f"the graph is damaged ({error.message})") from None
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        AssertionError,
        ArithmeticError,
        RecursionError,
        struct.error,
    ) as error:
        raise _error(f"the graph is damaged ({error})") from None


class _Writer:
    """One value on its way to bytes."""

    def __init__(self, value: object) -> None:
        self._value = value
        self._order = topological(_nodes(value), lambda node: node.args)
        self._numbers = {node: i for i, node in enumerate(self._order)}
        self._rows: dict[Numbers, int] = {}
        self._shared: dict[object, int] = {}

    def written(self) -> tuple[bytes, bytes]:
        """Return the text and the numbers of tables."""
        nodes = [
            [n.op, [self._numbers[a] for a in n.args], [[name, self._attribute(x)] for name, x in n.attrs]]
            for n in self._order
        ]
        value = self._plain(self._value)
        shared = [self._plain(x) for x in self._shared]
        rows = [[row.dtype.value, len(row.data)] for row in self._rows]
        content = {"nodes": nodes, "shared": shared, "rows": rows, "value": value}
        return json.dumps(content, separators=(",", ":")).encode(), b"".join(row.data for row in self._rows)

    def _attribute(self, x: object) -> Any:
        """Return an attribute of a node; a record (the schema of columns) is that of many, and stands once."""
        if isinstance(x, Unit) or not is_dataclass(x):
            return self._plain(x)
        return ["s", self._shared.setdefault(x, len(self._shared))]

    def _plain(self, x: object) -> Any:
        """Return a value as JSON: what JSON has not itself is a list of its kind and its parts."""
        return x if x is None or isinstance(x, bool | int | str) else list(self._parts(x))

    def _parts(self, x: object) -> Iterator[Any]:
        match x:
            case float():
                yield from ("f", x.hex())
            case Node():
                yield from ("n", self._numbers[x])
            case Numbers():
                yield from ("r", self._rows.setdefault(x, len(self._rows)))
            case DType():
                yield from ("d", x.value)
            case Unit():
                yield from ("u", *map(str, x.dims), str(x.pow10), x.anything)
            case tuple():
                yield from ("t", *map(self._plain, x))
            case Mapping():
                yield from ("m", *([self._plain(k), self._plain(v)] for k, v in x.items()))
            case _:
                assert is_dataclass(x), f"{type(x).__name__} is not data of a graph"
                yield from (type(x).__name__, *(self._plain(getattr(x, f.name)) for f in fields(x)))


def _nodes(x: object) -> Iterator[Node]:
    """Yield the nodes that a value holds, in their order."""
    if isinstance(x, Node):
        yield x
    elif isinstance(x, tuple):
        for item in x:
            yield from _nodes(item)
    elif isinstance(x, Mapping):
        for item in x.values():
            yield from _nodes(item)
    elif is_dataclass(x):
        for f in fields(x):
            yield from _nodes(getattr(x, f.name))


class _Reader:
    """What was written, becoming values again."""

    def __init__(self, content: Any, data: bytes, records: Iterable[type]) -> None:
        self._content = content
        self._records = {r.__name__: r for r in records}
        self._rows = list(_rows(content["rows"], data))
        self._nodes: list[Node] = []
        self._shared: list[Any] = []
        self._kinds: dict[str, Callable[..., Any]] = {
            "f": float.fromhex,
            "n": self._node,
            "s": lambda number: self._shared[number],
            "r": lambda number: self._rows[number],
            "d": DType,
            "u": _unit,
            "t": self._tuple,
            "m": self._mapping,
        }
        self._shared += map(self._made, content["shared"])

    def value(self) -> Any:
        """Return the value, its nodes made one after the other."""
        for op, args, attrs in self._content["nodes"]:
            self._nodes.append(make(op, *map(self._node, args), **{name: self._made(x) for name, x in attrs}))
        return self._made(self._content["value"])

    def _node(self, number: int) -> Node:
        if not 0 <= number < len(self._nodes):
            raise ValueError(f"there is no node {number} yet")
        return self._nodes[number]

    def _made(self, x: Any) -> Any:
        if not isinstance(x, list):
            return x
        kind, *parts = x
        if kind in self._kinds:
            return self._kinds[kind](*parts)
        record = self._records[kind]
        return record(**dict(zip((f.name for f in fields(record)), map(self._made, parts), strict=True)))

    def _tuple(self, *parts: Any) -> tuple[Any, ...]:
        return tuple(map(self._made, parts))

    def _mapping(self, *items: tuple[Any, Any]) -> dict[Any, Any]:
        return {self._made(k): self._made(v) for k, v in items}


def _unit(*parts: Any) -> Unit:
    *dims, power, anything = parts
    return Unit(tuple(map(Fraction, dims)), Fraction(power), anything)


def _rows(sizes: list[tuple[str, int]], data: bytes) -> Iterator[Numbers]:
    at = 0
    for dtype, size in sizes:
        yield Numbers(DType(dtype), data[at : at + size])
        at += size
    if at != len(data):
        raise ValueError(f"its tables have {len(data)} bytes instead of {at}")
