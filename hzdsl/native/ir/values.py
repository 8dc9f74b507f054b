"""Types and values: each is the text that LLVM reads."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hzdsl.native.ir.modules import Block


class Type:
    """A type, equal to others of the same text; called with a number it makes a constant."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __call__(self, value: float) -> Value:
        return Constant(self, value)

    def written(self, value: float) -> str:
        """Return a number of this type as LLVM reads it."""
        return str(int(value))


class _Floating(Type):
    """LLVM takes the 64 bits of a number for f32, too."""

    def written(self, value: float) -> str:
        bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
        return f"0x{bits:016X}"


class VectorType(Type):
    """Several numbers of one type."""

    __slots__ = ("element", "size")

    def __init__(self, element: Type, size: int) -> None:
        super().__init__(f"<{size} x {element.text}>")
        self.element, self.size = element, size

    def written(self, value: float) -> str:
        """Return the vector that holds the same number everywhere."""
        one = f"{self.element.text} {self.element.written(value)}"
        return f"<{', '.join([one] * self.size)}>"


def IntType(bits: int) -> Type:  # noqa: N802 - llvmlite's names
    """Return the type of integers of so many bits."""
    return Type(f"i{bits}")


VOID, POINTER, FLOAT, DOUBLE = Type("void"), Type("ptr"), _Floating("float"), _Floating("double")


class Value:
    """A register or constant."""

    __slots__ = ("text", "type")

    def __init__(self, type_: Type, text: str) -> None:
        self.type, self.text = type_, text

    @property
    def typed(self) -> str:
        """The value with its type before it."""
        return f"{self.type.text} {self.text}"


class Constant(Value):
    """A number; of a vector type the same everywhere."""

    __slots__ = ()

    def __init__(self, type_: Type, value: float) -> None:
        super().__init__(type_, type_.written(value))


class Phi(Value):
    """A value that depends on the block one comes from."""

    __slots__ = ("_incoming",)

    def __init__(self, type_: Type, text: str) -> None:
        super().__init__(type_, text)
        self._incoming: list[str] = []

    def add_incoming(self, value: Value, block: Block) -> None:
        """Say what it is for those who come from a block."""
        self._incoming.append(f"[{value.text}, %{block.name}]")

    def __str__(self) -> str:
        return f"  {self.text} = phi {self.type.text} {', '.join(self._incoming)}"


#: The address of nothing.
NULL = Value(POINTER, "null")
