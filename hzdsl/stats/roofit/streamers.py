"""Classes that are stored in a way of their own, which the description of a file does not tell.

Each is what its `Streamer` in ROOT's sources writes; the comments name the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hzdsl.stats.roofit.buffer import Buffer, Damaged
from hzdsl.stats.roofit.layouts import BASE, TNAMED, Element, Layout

if TYPE_CHECKING:
    from hzdsl.stats.roofit.objects import Objects

Members = dict[str, Any]


def _linked_list(objects: Objects, buffer: Buffer, version: int) -> Members:
    """roofit/roofitcore/src/RooLinkedList.cxx: a TObject, the objects, from version 2 on a name."""
    buffer.object_header()
    items = [objects.pointer(buffer) for _ in range(buffer.count())]
    return {"items": items, "_name": buffer.text() if version >= 2 else ""}


def _list(objects: Objects, buffer: Buffer, version: int) -> Members:
    """core/cont/src/TList.cxx: each object with its option."""
    buffer.object_header()
    name, items = buffer.text(), []
    for _ in range(buffer.count()):
        items.append(objects.pointer(buffer))
        buffer.text()
    return {"items": items, "fName": name}


def _object_array(objects: Objects, buffer: Buffer, version: int) -> Members:
    """core/cont/src/TObjArray.cxx."""
    buffer.object_header()
    name, length = buffer.text(), buffer.count()
    buffer.u4()  # the index of the first
    return {"items": [objects.pointer(buffer) for _ in range(length)], "fName": name}


def _real_variable(objects: Objects, buffer: Buffer, version: int) -> Members:
    """roofit/roofitcore/src/RooRealVar.cxx: ranges with names are stored in properties that copies share."""
    members = objects.base(buffer, "RooAbsRealLValue")
    members |= {name: buffer.number("f8") for name in ("_error", "_asymErrLo", "_asymErrHi")}
    if version >= 2:
        members["_binning"] = objects.pointer(buffer)
    if version == 3:
        members["_sharedProp"] = objects.pointer(buffer)
    if version >= 4:
        members["_sharedProp"] = objects.in_place(buffer, "RooRealVarSharedProperties")
    return members


def _category(objects: Objects, buffer: Buffer, version: int) -> Members:
    """roofit/roofitcore/src/RooCategory.cxx, before ROOT 6.22."""
    members = objects.base(buffer, "RooAbsCategoryLValue")
    if version == 1:
        members["_sharedProp"] = objects.pointer(buffer)
    else:
        members["_sharedProp"] = objects.in_place(buffer, "RooCategorySharedProperties")
    return members


#: Classes after whose header something else follows than their layout says, and from which version on it is so no more.
OWN: Mapping[str, tuple[Callable[[Objects, Buffer, int], Members], float]] = MappingProxyType(
    {
        "RooLinkedList": (_linked_list, float("inf")),
        "TList": (_list, float("inf")),
        "THashList": (_list, float("inf")),
        "TObjArray": (_object_array, float("inf")),
        "RooRealVar": (_real_variable, float("inf")),
        "RooCategory": (_category, 3),
    }
)


def _object(buffer: Buffer) -> Members:
    buffer.object_header()
    return {}


def _named(buffer: Buffer) -> Members:
    buffer.header()
    buffer.object_header()
    return {"fName": buffer.text(), "fTitle": buffer.text()}


def _basket(buffer: Buffer) -> Members:
    """tree/tree/src/TBasket.cxx, of a tree that lies in memory: a key, sizes, offsets, the key again and the values."""
    buffer.u4()
    key_version = buffer.i2()
    buffer.take(8)  # the size of the object, the time
    key_length = buffer.i2()
    buffer.take(2 + (16 if key_version > 1000 else 8))
    _, _, _ = (buffer.text() for _ in range(3))
    buffer.header()
    _, _, entries, last = (buffer.u4() for _ in range(4))
    flag = buffer.take(1)[0]
    if flag and flag % 10 != 2 and entries:
        for _ in range(2 if flag > 40 else 1):
            buffer.array("i4", buffer.count())
    if flag != 1 and flag < 10 and entries:
        raise Damaged("the values of a tree are not in it, but elsewhere in a file")
    inside = buffer.take(last) if flag == 1 or flag > 10 else b""
    return {"entries": entries, "values": inside[key_length:]}


def _symmetric(buffer: Buffer) -> Members:
    """math/matrix/src/TMatrixTSym.cxx: the header is that of the base and ends with it; then the upper triangle."""
    end = buffer.header().end
    buffer.object_header()
    rows, columns, *_ = (int(buffer.number("i4")) for _ in range(6))
    buffer.number("f8")  # the tolerance
    if buffer.at != end or rows != columns or rows < 0:
        raise Damaged(f"a symmetric matrix of {rows} times {columns}")
    found = np.zeros((rows, rows))
    for i in range(rows):
        found[i, i:] = found[i:, i] = buffer.array("f8", rows - i)
    return {"fElements": found}


def _array(code: str) -> Callable[[Buffer], Members]:
    """core/cont/src/TArray*.cxx."""
    return lambda buffer: {"fArray": buffer.array(code, buffer.count())}


#: Classes that have no header.
HEADLESS: Mapping[str, Callable[[Buffer], Members]] = MappingProxyType(
    {
        "TObject": _object,
        "TNamed": _named,
        "TBasket": _basket,
        "TMatrixTSym<double>": _symmetric,
        **{
            f"TArray{c}": _array(t)
            for c, t in {"C": "i1", "S": "i2", "I": "i4", "L": "i8", "F": "f4", "D": "f8"}.items()
        },
    }
)

#: Layouts of classes that files may leave out, those of bases that were never stored alone.
LEFT_OUT: Mapping[tuple[str, int], Layout] = MappingProxyType(
    {
        ("RooAbsBinning", 2): Layout(
            *("RooAbsBinning", 2, 0),
            (Element("TNamed", "BASE", TNAMED, 0, "", ""), Element("RooPrintable", "BASE", BASE, 0, "", "")),
        ),
        ("RooPrintable", 1): Layout("RooPrintable", 1, 0, ()),
    }
)
