"""Objects of a ROOT file from their bytes, as the file's own description of their classes says.

Objects that others point to are not decoded with them but when they are asked for: where one begins, its size and the
name of its class are known without it. So nothing recurses along the graph of a workspace, however long its chains, and
an object of a class that is stored in a way of its own harms no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy.typing as npt

from hzdsl.records import dataclass
from hzdsl.stats.roofit import layouts
from hzdsl.stats.roofit.buffer import COUNT, Buffer, Damaged, Header
from hzdsl.stats.roofit.containers import Container, container_of
from hzdsl.stats.roofit.layouts import Element, Layout, Layouts
from hzdsl.stats.roofit.streamers import HEADLESS, LEFT_OUT, OWN

_NEW_CLASS, _CLASS = 0xFFFF_FFFF, 0x8000_0000
#: References count from 2: 0 is no object, 1 the one that the key names.
_FIRST = 2

Beside = Callable[[str], "Mapping[str, npt.NDArray[Any]] | None"]


@dataclass(frozen=True)
class Pointer:
    """Where in the bytes an object begins that another one points to."""

    at: int


@dataclass(frozen=True)
class Undecoded:
    """Bytes of a class that is stored in a way that is not known here; `reason` says what did not fit.

    `name` is that of the object, if it was read before.
    """

    type: str
    at: int
    reason: str
    name: str = ""


@dataclass(frozen=True, eq=False)
class StoredObject:
    """An object as it is stored: the name of its class, all classes that it derives from, and its members.

    The members of bases stand among its own. Of two of one name it is that of the derived class.
    """

    type: str
    lineage: tuple[str, ...]
    members: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        try:
            found = self.members[name]
        except KeyError:
            raise Damaged(f"a {self.type} has no member {name}") from None
        if isinstance(found, Undecoded):
            raise Damaged(f"the member {name} of a {self.type} cannot be decoded: {found.reason}")
        return found

    def is_a(self, name: str) -> bool:
        """Whether it is of this class or of one that derives from it."""
        return name in self.lineage


TOP: Final = Pointer(-1)


class Objects:
    """The objects in the bytes of one key; each is decoded once, when it is first asked for.

    `beside` gives the columns of a tree that lies beside the key, by its name: data sets may have their rows there.
    """

    def __init__(self, data: bytes, displacement: int, known: Layouts, type: str, beside: Beside) -> None:
        self.layouts, self.beside = known, beside
        self._data, self._displacement, self._type = data, displacement, type
        self._decoded: dict[Pointer, StoredObject | Undecoded] = {}

    def top(self) -> StoredObject:
        """Return the object that the key names."""
        return self.stored(TOP)

    def stored(self, pointer: Pointer) -> StoredObject:
        """Return what a pointer leads to.

        Raises
        ------
        Damaged
            Where it is not decoded.
        """
        found = self.get(pointer)
        if isinstance(found, Undecoded):
            raise Damaged(f"an object of class {found.type} cannot be decoded: {found.reason}")
        return found

    def get(self, pointer: Pointer) -> StoredObject | Undecoded:
        """Return what a pointer leads to, decoded or not."""
        if pointer not in self._decoded:
            buffer = Buffer(self._data, self._displacement)
            if pointer == TOP:
                self._decoded[pointer] = self.in_place(buffer, self._type)
            else:
                buffer.at = pointer.at + 4
                self._decoded[pointer] = self.in_place(buffer, self._class(buffer))
        return self._decoded[pointer]

    def _class(self, buffer: Buffer) -> str:
        """Read which class follows: by its name, or by the place where that stands."""
        tag = buffer.u4()
        if tag == _NEW_CLASS:
            name = buffer.word(buffer.at)
            buffer.take(len(name.encode()) + 1)
            return name
        if not tag & _CLASS:
            raise Damaged(f"an object without a class at {buffer.at}")
        at = (tag & ~_CLASS) - _FIRST - buffer.displacement
        if buffer.peek(at) != _NEW_CLASS:
            raise Damaged(f"a class is said to be named at {at}, and is not")
        return buffer.word(at + 4)

    def pointer(self, buffer: Buffer) -> Pointer | None:
        """Read a pointer, and pass by the object where it stands here."""
        start = buffer.at
        tag = buffer.u4()
        if tag == 0:
            return None
        if tag & COUNT and tag != _NEW_CLASS:
            buffer.take(tag & ~COUNT)
            return Pointer(start)
        if tag == 1:
            return TOP
        at = tag - _FIRST - buffer.displacement
        if not buffer.peek(at) & COUNT:
            raise Damaged(f"a reference leads to {at}, where no object begins")
        return Pointer(at)

    def in_place(self, buffer: Buffer, type: str) -> StoredObject | Undecoded:
        """Read an object that stands here, with its header; where it cannot be decoded, pass it by."""
        start = buffer.at
        members: dict[str, Any] = {}
        try:
            self._into(members, buffer, type)
        except Damaged as reason:
            buffer.at = start
            end = buffer.header().end
            if end is None:
                raise
            buffer.at = end
            return Undecoded(type, start, str(reason), str(members.get("fName", "")))
        return StoredObject(type, self.layouts.lineage(type), members)

    def base(self, buffer: Buffer, type: str) -> dict[str, Any]:
        """Read the members of a base of which an object begins with."""
        members: dict[str, Any] = {}
        self._into(members, buffer, type)
        return members

    def _into(self, members: dict[str, Any], buffer: Buffer, type: str) -> None:
        """Read the members of one class, those of its bases with them."""
        if type in HEADLESS:
            members |= HEADLESS[type](buffer)
            return
        header = buffer.header()
        own, until = OWN.get(type, (None, 0))
        if own is not None and header.version < until:
            members |= own(self, buffer, header.version)
        else:
            self.read(members, buffer, self._layout(buffer, type, header).elements)
        if header.end is not None and buffer.at != header.end:
            raise Damaged(f"{type} ends at {buffer.at}, not at {header.end}")

    def _layout(self, buffer: Buffer, type: str, header: Header) -> Layout:
        found = None
        if header.version == 0 and buffer.at + 4 <= len(buffer.data):  # a class without versions: a checksum follows
            found = self.layouts.summed(type, buffer.peek(buffer.at))
            buffer.take(4 if found else 0)
        found = found or self.layouts.find(type, header.version) or LEFT_OUT.get((type, header.version))
        if found is None:
            raise Damaged(f"the file does not describe version {header.version} of {type}")
        return found

    def read(self, members: dict[str, Any], buffer: Buffer, elements: tuple[Element, ...]) -> None:
        """Read members as they follow one another."""
        for e in elements:
            if e.type == "BASE":
                self._into(members, buffer, e.name)
            else:
                members[e.name] = self._member(members, buffer, e)

    def _member(self, members: Mapping[str, Any], buffer: Buffer, e: Element) -> Any:
        if e.kind in layouts.CONTAINERS:
            return self._container(buffer, e.type)
        if e.kind == layouts.STRING:
            return buffer.text()
        if e.kind in layouts.POINTERS and not e.length:
            return self.pointer(buffer)
        if e.kind in layouts.IN_PLACE and not e.length:
            return self.in_place(buffer, e.type.rstrip("*"))
        if e.kind == layouts.LOOP:  # objects behind a pointer, as many as counted
            buffer.header()
            return [self.in_place(buffer, e.type.rstrip("*")) for _ in range(int(members[e.counter]))]
        return _numbers(members, buffer, e)

    def _container(self, buffer: Buffer, type: str) -> Any:
        start = buffer.at
        header = buffer.header()
        try:
            found = Container(self, buffer).read(container_of(type), header)
            if header.end is not None and buffer.at != header.end:
                raise Damaged(f"{type} ends at {buffer.at}, not at {header.end}")
        except Damaged as reason:
            if header.end is None:
                raise
            buffer.at = header.end
            return Undecoded(type, start, str(reason))
        return found


def _numbers(members: Mapping[str, Any], buffer: Buffer, e: Element) -> Any:
    code = layouts.NUMBERS.get(e.kind % 40)
    if code is None or (e.kind % 40 == 9 and "[" in e.title):
        raise Damaged(f"the member {e.name} is stored in a way that is not known ({e.type}, {e.kind})")
    if e.kind > 40:  # behind a pointer: whether there are some, then as many as counted
        return buffer.array(code, int(members[e.counter]) if buffer.take(1)[0] else 0)
    return buffer.array(code, e.length) if e.length else buffer.number(code)
