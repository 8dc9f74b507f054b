"""Containers of C++'s standard library as ROOT stores them: item by item, or, of pairs, all firsts and all seconds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hzdsl.records import dataclass
from hzdsl.stats.roofit.buffer import MEMBERWISE, Buffer, Damaged, Header

if TYPE_CHECKING:
    from hzdsl.stats.roofit.objects import Objects

NUMBERS: Final = MappingProxyType(
    {
        **{"char": "i1", "unsigned char": "u1", "short": "i2", "unsigned short": "u2", "int": "i4"},
        **{"unsigned int": "u4", "long": "i8", "unsigned long": "u8", "long long": "i8", "float": "f4"},
        **{"unsigned long long": "u8", "double": "f8", "bool": "?", "Int_t": "i4", "Double_t": "f8", "Bool_t": "?"},
    }
)
SEQUENCES: Final = frozenset({"vector", "list", "deque", "set", "multiset", "unordered_set"})
MAPS: Final = frozenset({"map", "multimap", "unordered_map"})


@dataclass(frozen=True)
class Type:
    """A type of C++ with its arguments: `map<string,int>` is `Type("map", (Type("string"), Type("int")))`."""

    name: str
    of: tuple[Type, ...] = ()
    text: str = ""


def container_of(text: str) -> Type:
    """Return a type from its name in C++.

    Examples
    --------
    >>> [t.text for t in container_of("map<string,vector<int> >*").of]
    ['string', 'vector<int>']
    """
    text = text.strip().removeprefix("const ").removesuffix("*").strip() if "<" in text else text.strip()
    head, opened, rest = text.partition("<")
    name = head.removeprefix("std::")
    if not opened or name not in SEQUENCES | MAPS | {"pair"}:
        return Type(text.removeprefix("const ").removeprefix("std::"), (), text)
    return Type(name, tuple(map(container_of, _arguments(rest.rstrip()[:-1]))), text)


def _arguments(text: str) -> list[str]:
    found, depth = [""], 0
    for c in text:
        depth += (c == "<") - (c == ">")
        if c == "," and not depth:
            found.append("")
        else:
            found[-1] += c
    return [f.strip() for f in found]


class Container:
    """Reads one container, of which the header has been read."""

    def __init__(self, objects: Objects, buffer: Buffer) -> None:
        self._objects, self._buffer = objects, buffer

    def read(self, type: Type, header: Header) -> Any:
        """Return a list, an array of numbers, a dictionary or a text."""
        if not header.version & MEMBERWISE:
            return self._value(type)
        version = self._buffer.i2()
        if version == 0:
            self._buffer.take(4)  # the checksum of what is inside
        pair = type if type.name in MAPS else type.of[0]
        if len(pair.of) != 2:
            raise Damaged(f"{type.text} is stored member by member")
        length = self._buffer.count()
        if length == 0:
            return {} if pair is type else []
        pairs = zip(*(self._column(t, length) for t in pair.of), strict=True)
        return dict(pairs) if pair is type else list(pairs)

    def _column(self, type: Type, length: int) -> Any:
        """Read one member of all pairs: texts and containers have one header in common."""
        if type.name in SEQUENCES | MAPS | {"string"}:
            self._buffer.header()
        found = self._values(type, length)
        return found if isinstance(found, list) else found.tolist()

    def _value(self, type: Type) -> Any:
        if type.name in SEQUENCES:
            return self._values(type.of[0], self._buffer.count())
        if type.name == "pair":
            return tuple(map(self._value, type.of))
        if type.name in MAPS:
            return dict(tuple(map(self._value, type.of)) for _ in range(self._buffer.count()))
        return self._single(type.name)

    def _single(self, name: str) -> Any:
        """Read a number, a text, a pointer or an object."""
        if name in NUMBERS:
            return self._buffer.number(NUMBERS[name])
        if name in ("string", "TString"):
            return self._buffer.text()
        if name.endswith("*"):
            return self._objects.pointer(self._buffer)
        return self._objects.in_place(self._buffer, name)

    def _values(self, type: Type, length: int) -> Any:
        if type.name in NUMBERS:
            return self._buffer.array(NUMBERS[type.name], length)
        return [self._value(type) for _ in range(length)]
