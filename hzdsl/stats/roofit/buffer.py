"""The bytes of one object of a ROOT file: numbers, texts and headers, in the order in which they were written.

What is written how: https://root.cern/doc/master/classTBufferFile.html. All numbers are big-endian. An object begins
with the number of its bytes (marked by bit 30) and the version of its class.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

COUNT = 0x4000_0000
MEMBERWISE = 0x4000
_SCALARS: Mapping[str, struct.Struct] = MappingProxyType(
    {
        code: struct.Struct(f">{letter}")
        for code, letter in zip(
            ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "?"), "bhiqBHIQfd?", strict=True
        )
    }
)
_U4, _I2 = _SCALARS["u4"], _SCALARS["i2"]


class Damaged(Exception):  # noqa: N818 (it never leaves this room)
    """Bytes that make no sense where they stand."""


class Header(NamedTuple):
    """What an object begins with: the version of its class, and where it ends if that is said."""

    version: int
    end: int | None


class Buffer:
    """Bytes, and the place where the next are read.

    `displacement` is the length of the key before them: references count from its beginning.
    """

    def __init__(self, data: bytes, displacement: int) -> None:
        self.data, self.displacement, self.at = data, displacement, 0

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        end = self.at + length
        if length < 0 or end > len(self.data):
            raise Damaged(f"{length} bytes are to be read at {self.at} of {len(self.data)}")
        found = self.data[self.at : end]
        self.at = end
        return found

    def number(self, code: str) -> Any:
        """Return the next number, of one of NumPy's types."""
        scalar = _SCALARS[code]
        return scalar.unpack(self.take(scalar.size))[0]

    def u4(self) -> int:
        """Return the next unsigned number of 4 bytes."""
        found: int = _U4.unpack(self.take(4))[0]
        return found

    def peek(self, at: int) -> int:
        """Return the unsigned number of 4 bytes at a place."""
        if not 0 <= at <= len(self.data) - 4:
            raise Damaged(f"a reference leads to {at}, out of {len(self.data)} bytes")
        found: int = _U4.unpack_from(self.data, at)[0]
        return found

    def i2(self) -> int:
        """Return the next signed number of 2 bytes."""
        found: int = _I2.unpack(self.take(2))[0]
        return found

    def count(self) -> int:
        """Return how many follow; never more than there are bytes."""
        found = self.u4()
        if found > len(self.data) - self.at:
            raise Damaged(f"{found} items are announced where {len(self.data) - self.at} bytes are left")
        return found

    def array(self, code: str, length: int) -> npt.NDArray[np.generic]:
        """Return the next numbers, all of one type, in the machine's order of bytes."""
        dtype = np.dtype(code).newbyteorder(">")
        raw = np.frombuffer(self.take(dtype.itemsize * length), dtype)
        return raw.astype(dtype.newbyteorder("="))

    def text(self) -> str:
        """Return the next TString or std::string: its length in one byte, or in four after 255."""
        length = self.take(1)[0]
        return self.take(self.u4() if length == 255 else length).decode("utf-8", "replace")

    def word(self, at: int) -> str:
        """Return the text at a place that ends with a zero: names of classes are written so."""
        end = self.data.find(b"\0", at, at + 1024)
        if end < 0:
            raise Damaged(f"there is no name of a class at {at}")
        return self.data[at:end].decode("utf-8", "replace")

    def header(self) -> Header:
        """Return the version of what follows and where it ends."""
        if self.at + 4 > len(self.data) or not self.peek(self.at) & COUNT:
            return Header(self.i2(), None)
        length = self.u4() & ~COUNT
        end = self.at + length
        if length < 2 or end > len(self.data):
            raise Damaged(f"an object of {length} bytes is announced at {self.at} of {len(self.data)}")
        return Header(self.i2(), end)

    def object_header(self) -> int | None:
        """Read what a TObject begins with (version, number, flags); return its flags."""
        self.header()
        self.u4()
        flags = self.u4()
        if flags & 0x10:  # it was referred to by a TRef: the number of the process follows
            self.i2()
        return flags
