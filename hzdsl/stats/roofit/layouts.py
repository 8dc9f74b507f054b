"""What the classes of a file are made of: the file says so itself ("streamer information"), for each version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.records import dataclass

#: The types of plain numbers by their code in a file, as `struct` and NumPy write them. `long` has 8 bytes in files.
#: (A Double32_t without a range is a float in the file; one with a range is not read.)
NUMBERS: Mapping[int, str] = MappingProxyType(
    {
        **{1: "i1", 2: "i2", 3: "i4", 4: "i8", 5: "f4", 6: "i4", 8: "f8", 9: "f4", 10: "i1"},
        **{11: "u1", 12: "u2", 13: "u4", 14: "u8", 15: "u4", 16: "i8", 17: "u8", 18: "?"},
    }
)
BASE, CHARS, STRING, TOBJECT, TNAMED = 0, 7, 65, 66, 67
IN_PLACE, POINTERS = frozenset({61, 62, 63, TOBJECT, TNAMED, 68}), frozenset({64, 69})
CONTAINERS, LOOP = frozenset({300, 365, 500}), 501


@dataclass(frozen=True)
class Element:
    """One member of a class, or one of its bases.

    `kind` is ROOT's code of how it is stored (`TVirtualStreamerInfo::EReadWrite`), `length` of arrays of fixed length,
    `counter` the member that holds the length of others, `range` whether a Double32_t has one.
    """

    name: str
    type: str
    kind: int
    length: int
    counter: str
    title: str


@dataclass(frozen=True)
class Layout:
    """One version of a class."""

    name: str
    version: int
    checksum: int
    elements: tuple[Element, ...]

    @property
    def bases(self) -> tuple[str, ...]:
        """The classes that it derives from directly."""
        return tuple(e.name for e in self.elements if e.kind in (BASE, TOBJECT, TNAMED) and e.type == "BASE")


class Layouts:
    """The classes of one file."""

    def __init__(self, streamers: Mapping[str, Mapping[int, Any]]) -> None:
        self._known = {
            name: {v: _layout(name, v, s) for v, s in versions.items()} for name, versions in streamers.items()
        }
        self._lineages: dict[str, tuple[str, ...]] = {}

    def _versions(self, name: str) -> Iterable[Layout]:
        return self._known.get(name, {}).values()

    def find(self, name: str, version: int) -> Layout | None:
        """Return a version of a class; None where the file does not describe it."""
        return self._known.get(name, {}).get(version)

    def summed(self, name: str, checksum: int) -> Layout | None:
        """Return the layout of a class without versions by its checksum."""
        return next((y for y in self._versions(name) if y.checksum == checksum), None)

    def members(self, name: str) -> frozenset[str]:
        """Return the names of the members that a class declares itself, in whatever version."""
        return frozenset(e.name for y in self._versions(name) for e in y.elements if e.type != "BASE")

    def lineage(self, name: str) -> tuple[str, ...]:
        """Return a class and all that it derives from."""
        if name in self._lineages:
            return self._lineages[name]
        found = [name]
        for each in found:  # grows on the way
            bases = [b for y in self._versions(each) for b in y.bases]
            found += [b for b in dict.fromkeys(bases) if b not in found]
        self._lineages[name] = tuple(found)
        return self._lineages[name]


def _layout(name: str, version: int, streamer: Any) -> Layout:
    elements = tuple(map(_element, streamer.elements))
    return Layout(name, version, int(streamer.member("fCheckSum", none_if_missing=True) or 0), elements)


def _element(e: Any) -> Element:
    get = e.member
    counter = get("fCountName", none_if_missing=True) or ""
    return Element(e.name, str(e.typename), int(get("fType")), int(get("fArrayLength")), str(counter), str(e.title))
