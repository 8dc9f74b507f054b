"""A guess at the schema of a file: collections by counters and prefixes, single objects, plain fields."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hzdsl.io.schema.model import Field, ObjectSchema, Schema
from hzdsl.io.source import ColumnInfo, Source
from hzdsl.ir.types import STORED, DType
from hzdsl.ir.units import NAMES, NONE, Unit

#: Names of files, case folded, and what the language calls them.
_STANDARD = MappingProxyType(
    {"e": "energy", "m": "mass", "q": "charge"}
    | {n: n for n in ("pt", "eta", "phi", "mass", "energy", "px", "py", "pz", "charge")}
)
_KINEMATIC = frozenset({"pt", "px"})
_UNIT_IN_TITLE = re.compile(r"[\[(](\w+)[\])]|\bin (\w+)\b")
_IDENTIFIERS = (("run", "luminosityBlock", "event"), ("runNumber", "eventNumber"), ("Run", "Event"))


def inferred_schema(source: Source) -> Schema:
    """Return a schema for an open file, guessed from the names and types of its branches.

    Lists that a file counts together, or that begin alike (`lep_pt lep_eta`), are a collection; lists of lists that
    begin like a collection are nested in it; single numbers with momenta that begin alike are an object; all else is a
    plain field. Units are only known where titles tell them: `[GeV]`.

    Parameters
    ----------
    source : Source
        The open file; nothing of its data is read.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> f4 = np.dtype("f4")
    >>> infos = [ColumnInfo("lep_n", np.dtype("i4"), 0), ColumnInfo("lep_pt", f4, 1), ColumnInfo("lep_E", f4, 1)]
    >>> found = inferred_schema(SimpleNamespace(columns={i.name: i for i in infos}, tree="mini"))
    >>> found.objects["lep"].counter, {a: f.branch for a, f in found.objects["lep"].fields.items()}
    ('lep_n', {'pt': 'lep_pt', 'energy': 'lep_E'})
    """
    readable = source.columns
    infos = [i for i in readable.values() if str(i.dtype) in STORED and not _is_record_member(i.name, readable)]
    flat = {i.name: i for i in infos if i.depth == 0}
    groups = _groups([i for i in infos if i.depth == 1], flat)
    counters = {name: _counter(name, members, flat) for name, members in groups.items()}
    nested = _nested([i for i in infos if i.depth == 2], groups)
    objects = {
        name: _collection(name, members, counters[name], nested.get(name, [])) for name, members in groups.items()
    }
    own = {i.counter for members in groups.values() for i in members}
    rest = {n: i for n, i in flat.items() if n not in counters.values() and n not in own}
    identifiers = next((names for names in _IDENTIFIERS if all(n in rest for n in names)), ())
    objects |= _singles([i for n, i in rest.items() if n not in identifiers], objects)
    taken = {f.branch for o in objects.values() if o.single for f in o.fields.values()}
    fields = {n: _field(i) for n, i in rest.items() if n not in taken and n not in objects}
    return Schema("inferred", fields, objects, identifiers)


def _groups(lists: list[ColumnInfo], flat: Mapping[str, ColumnInfo]) -> dict[str, list[ColumnInfo]]:
    """Return lists by the name of their collection."""
    groups: dict[str, list[ColumnInfo]] = defaultdict(list)
    names = frozenset(info.name for info in lists)
    for info in lists:
        groups[_collection_name(info, flat, names)].append(info)
    return dict(groups)


def _is_record_member(name: str, readable: Mapping[str, ColumnInfo]) -> bool:
    """Return whether a column is a member of an unnamed record (RNTuple) that has a name of its own, too."""
    return name.startswith("_collection") and name.partition(".")[2] in readable


def _collection_name(info: ColumnInfo, flat: Mapping[str, ColumnInfo], lists: frozenset[str]) -> str:
    if info.counter is not None and not _own_counter(info):
        for name in (info.counter.removeprefix("n"), info.counter.removeprefix("N"), info.counter.removesuffix("_n")):
            if name != info.counter and info.name.startswith(name):
                return name
    heads = [info.name[: m.start()] for m in re.finditer("[_.]", info.name) if m.start()]
    counted = [h for h in heads if h not in lists and any(c in flat for c in (f"{h}_n", f"n{h}", f"N{h}"))]
    if counted:
        return counted[-1]
    dotted = [h for h in heads if info.name[len(h)] == "."]
    return dotted[0] if dotted else heads[0] if heads else info.name


def _own_counter(info: ColumnInfo) -> bool:
    """Return whether a list has a counter of its own, as some writers give every branch."""
    return info.counter in (f"n{info.name}", f"N{info.name}")


def _counter(name: str, members: Iterable[ColumnInfo], flat: Mapping[str, ColumnInfo]) -> str:
    told = [i.counter for i in members if i.counter is not None and not _own_counter(i)]
    near = [c for c in (f"n{name}", f"N{name}", f"{name}_n") if c in flat and flat[c].dtype.kind in "iu"]
    return next(iter([*told, *near]), "")


def _nested(lists: Iterable[ColumnInfo], groups: Mapping[str, list[ColumnInfo]]) -> dict[str, list[ColumnInfo]]:
    """Return lists of lists by the collection around them, where there is one."""
    found: dict[str, list[ColumnInfo]] = defaultdict(list)
    for info in lists:
        owners = [name for name in groups if re.match(re.escape(name) + r"[_.]\w", info.name)]
        if owners:
            found[max(owners, key=len)].append(info)
    return dict(found)


def _collection(name: str, members: list[ColumnInfo], counter: str, inner: list[ColumnInfo]) -> ObjectSchema:
    if len(members) == 1 and not inner and name == members[0].name:
        return ObjectSchema(name, counter=counter, value=_field(members[0]))
    fields = _attributes(members, name)
    lists: dict[str, list[ColumnInfo]] = defaultdict(list)
    for info in inner:
        lists[_tail(info.name, name).partition("_")[0]].append(info)
    nested = {key: _inner(name, key, infos) for key, infos in lists.items() if key not in fields}
    return ObjectSchema(name, fields, counter, nested=nested)


def _inner(owner: str, key: str, infos: list[ColumnInfo]) -> ObjectSchema:
    if len(infos) == 1:
        return ObjectSchema(f"{owner}.{key}", value=_field(infos[0]))
    head = f"{infos[0].name[: len(owner) + 1]}{key}"
    return ObjectSchema(f"{owner}.{key}", _attributes(infos, head))


def _singles(infos: Iterable[ColumnInfo], taken: Mapping[str, ObjectSchema]) -> dict[str, ObjectSchema]:
    """Return objects of the event: what begins alike and has a momentum."""
    groups: dict[str, list[ColumnInfo]] = defaultdict(list)
    for info in infos:
        head, separator, _ = info.name.partition("_")
        if separator and head:
            groups[head].append(info)
    made = {name: _attributes(of, name) for name, of in groups.items() if name not in taken}
    return {name: ObjectSchema(name, fields, single=True) for name, fields in made.items() if _KINEMATIC & set(fields)}


def _attributes(infos: Iterable[ColumnInfo], head: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for info in infos:
        tail = _tail(info.name, head)
        attr = _STANDARD.get(tail.casefold(), tail)
        fields[attr if attr not in fields else tail] = _field(info)
    return fields


def _tail(name: str, head: str) -> str:
    """Return what follows the name of a collection, as a name: `jet_pt` and `jets.pt` are `pt`."""
    tail = name.removeprefix(head).lstrip("_.") or name
    return tail.replace(".", "_")


def _field(info: ColumnInfo) -> Field:
    dtype: DType = STORED[str(info.dtype)]
    title = "" if info.title.partition("[")[0].partition("/")[0] == info.name else info.title
    return Field(info.name, dtype, _unit(title), title)


def _unit(title: str) -> Unit:
    for found in _UNIT_IN_TITLE.finditer(title):
        factor, unit = NAMES.get(found[1] or found[2], (0.0, NONE))
        if factor == 1.0:
            return unit
    return NONE
