"""From a `[schema]` table to a schema: branch = prefix + name, and what may be left unsaid.

Every attribute is declared, but for the coordinates that a declared one implies: `pt` brings `phi` and, in a
collection, `eta`; any of `px py pz` brings `px py`; a collection that declares nothing has `pt eta phi`. A dtype that
is not said is the schema's `dtype` (f32), of `charge`, `flavor` and `pdgId` i32. An energy that is named without
a unit has the unit of the other energies of its collection, or of the collection around it, else GeV.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.schema.model import Field, Link, ObjectSchema, Schema
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV, NONE, Unit, parse_unit
from hzdsl.records import dataclass

ENERGIES = ("pt", "px", "py", "pz", "mass", "energy")
INTEGERS = ("charge", "flavor", "pdgId")
CARTESIAN = ("px", "py", "pz")

_TABLE_KEYS = ("fields", "collections", "objects", "identifiers", "patterns", "dtype")
_OBJECT_KEYS = ("prefix", "fields", "names", "units", "flavor", "dtype")
_COLLECTION_KEYS = (*_OBJECT_KEYS, "counter", "value", "links", "nested")
_NESTED_KEYS = (*_OBJECT_KEYS, "value")
_LINK_KEYS = ("index", "target", "chain")
_DTYPES = {d.value: d for d in DType if d.numeric or d is DType.BOOL}


def schema_from_table(table: Mapping[str, Any], name: str, proven: bool = False) -> Schema:
    """Return the schema that a `[schema]` table describes.

    Parameters
    ----------
    table : mapping
        The table.
    name : str
        How the schema is called.
    proven : bool
        The table is known to be right, so that each of its collections is read when it is first asked for.

    Raises
    ------
    HzdslError
        ``spec-key`` for an unknown key, ``spec-value``, ``name-twice``, ``unit``, ``name-unknown`` for the target of a
        link.

    Examples
    --------
    >>> table = {"collections": {"lep": {"names": {"energy": "E", "flavor": "type"}, "units": {"pt": "MeV"}}}}
    >>> lep = schema_from_table(table, "mine").objects["lep"]
    >>> [(attr, f.branch, f.dtype.value) for attr, f in lep.fields.items()]  # doctest: +NORMALIZE_WHITESPACE
    [('pt', 'lep_pt', 'f32'), ('energy', 'lep_E', 'f32'), ('flavor', 'lep_type', 'i32'),
     ('eta', 'lep_eta', 'f32'), ('phi', 'lep_phi', 'f32')]
    """
    _known_keys(table, _TABLE_KEYS, "schema")
    dtype = _dtype(table.get("dtype", "f32"), "schema.dtype")
    readers: dict[str, Callable[[], ObjectSchema]] = {}
    for kind in ("collections", "objects"):
        for key, entry in _tables(table, kind, "schema"):
            if key in readers:
                raise HzdslError("name-twice", f"[schema] declares '{key}' as a collection and an object")
            reader = _Entry(key, entry, f"schema.{kind}.{key}", dtype, kind == "objects")
            readers[key] = reader.collection if kind == "collections" else reader.single
    objects: Mapping[str, ObjectSchema] = _Entries(readers)
    if not proven:
        objects = dict(objects)
        _check_links(objects)
    fields = {key: _field(key, text, dtype) for key, text in _texts(table, "fields", "schema").items()}
    twice = next((key for key in fields if key in objects), None)
    if twice is not None:
        raise HzdslError("name-twice", f"[schema] declares '{twice}' as a field and an object", fix="rename one")
    patterns = {key: _field(key, text, dtype) for key, text in _texts(table, "patterns", "schema").items()}
    identifiers = table.get("identifiers", [])
    if not isinstance(identifiers, list) or not all(isinstance(n, str) for n in identifiers):
        raise _wrong("schema.identifiers", 'a list of names, e.g. ["run", "event"]')
    return Schema(name, fields, objects, tuple(identifiers), patterns)


class _Entries(Mapping[str, ObjectSchema]):
    """Collections and objects by name, each read when it is first asked for."""

    def __init__(self, readers: Mapping[str, Callable[[], ObjectSchema]]) -> None:
        self._readers = readers
        self._read: dict[str, ObjectSchema] = {}

    def __getitem__(self, name: str) -> ObjectSchema:
        if name not in self._read:
            self._read[name] = self._readers[name]()
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._readers

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)


@dataclass(frozen=True)
class _Entry:
    """One collection or object of the table; `energy` is the unit of the energies around it."""

    name: str
    table: Mapping[str, Any]
    where: str
    dtype: DType
    is_single: bool = False
    outer: str = ""
    energy: Unit | None = None

    def collection(self) -> ObjectSchema:
        _known_keys(self.table, _COLLECTION_KEYS, self.where)
        fields = self._fields()
        links = {key: self._link(key, link, fields) for key, link in _tables(self.table, "links", self.where)}
        nested = {key: self._nested(key, entry, fields) for key, entry in _tables(self.table, "nested", self.where)}
        declared = [*fields, *links, *nested, *(link.chain for link in links.values() if link.chain is not None)]
        if twice := next((name for name in declared if declared.count(name) > 1), None):
            raise HzdslError("name-twice", f"[{self.where}] declares '{twice}' twice", fix="rename one of them")
        counter = self._text("counter", f"n{self.name}")
        return ObjectSchema(self.name, fields, counter, False, self._flavor(), self._value(), links, nested)

    def single(self) -> ObjectSchema:
        _known_keys(self.table, _OBJECT_KEYS, self.where)
        return ObjectSchema(self.name, self._fields(), single=True, flavor=self._flavor())

    def _nested(self, key: str, entry: Mapping[str, Any], fields: Mapping[str, Field]) -> ObjectSchema:
        energy = next((fields[n].unit for n in ENERGIES if n in fields), None)
        name, where = f"{self.name}.{key}", f"{self.where}.nested.{key}"
        inner = _Entry(name, entry, where, self._dtype(), False, f"{self._prefix()}{key}", energy)
        _known_keys(entry, _NESTED_KEYS, where)
        return ObjectSchema(name, inner._fields(), flavor=inner._flavor(), value=inner._value())

    def _link(self, key: str, entry: Mapping[str, Any], fields: dict[str, Field]) -> Link:
        where = f"{self.where}.links.{key}"
        _known_keys(entry, _LINK_KEYS, where)
        index, target, chain = (entry.get(k) for k in _LINK_KEYS)
        if not isinstance(index, str) or not isinstance(target, str) or not isinstance(chain, str | None):
            raise _wrong(where, '{ index = "jetIdx", target = "Jet" }')
        if chain is not None and target != self.name:
            raise HzdslError(
                "spec-value",
                f"[{where}] has a chain, but leads from {self.name} to {target}",
                fix=f"only a link from {self.name} to {self.name} can be followed again and again",
            )
        fields.setdefault(index, Field(self._prefix() + self._texts("names").get(index, index), DType.I32))
        return Link(index, target, chain)

    def _value(self) -> Field | None:
        if "value" not in self.table:
            return None
        if other := [k for k in ("fields", "names", "units") if k in self.table]:
            raise HzdslError("spec-key", f"[{self.where}] is a list of bare numbers and cannot have {other[0]}")
        branch = self._text("prefix", self.outer or self.name)
        return _field(branch, self._text("value", ""), self._dtype())

    def _fields(self) -> dict[str, Field]:
        if "value" in self.table:
            return {}
        names, texts = self._texts("names"), dict(self._texts("fields"))
        for attr, unit in self._texts("units").items():
            if attr in texts:
                raise HzdslError(
                    "name-twice", f"[{self.where}] says twice what '{attr}' is", fix="say its unit in fields only"
                )
            texts[attr] = unit
        energy = self._energy(texts)
        for attr in names:
            texts.setdefault(attr, str(energy) if attr in ENERGIES else "")
        for attr in self._implied(texts):
            texts.setdefault(attr, str(energy) if attr in ENERGIES else "")
        prefix, dtype = self._prefix(), self._dtype()
        return {attr: _field(prefix + names.get(attr, attr), text, dtype, attr) for attr, text in texts.items()}

    def _implied(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        if any(n in texts for n in CARTESIAN):
            return CARTESIAN[:2]  # a transverse vector has no pz
        if "pt" in texts or (not texts and not self.is_single):
            return ("pt", "phi") if self.is_single else ("pt", "eta", "phi")
        return ()

    def _energy(self, texts: Mapping[str, str]) -> Unit:
        said = (_field("", texts[n], DType.F32).unit for n in ENERGIES if n in texts)
        return next(said, self.energy or GEV)

    def _prefix(self) -> str:
        return self._text("prefix", f"{self.outer or self.name}_")

    def _dtype(self) -> DType:
        return _dtype(self.table["dtype"], f"{self.where}.dtype") if "dtype" in self.table else self.dtype

    def _flavor(self) -> int | None:
        flavor = self.table.get("flavor")
        if flavor is not None and (isinstance(flavor, bool) or not isinstance(flavor, int)):
            raise _wrong(f"{self.where}.flavor", "the |PDG id|, e.g. 13")
        return flavor

    def _text(self, key: str, default: str) -> str:
        text = self.table.get(key, default)
        if not isinstance(text, str):
            raise _wrong(f"{self.where}.{key}", "a string")
        return text

    def _texts(self, key: str) -> Mapping[str, str]:
        return _texts(self.table, key, self.where)


def _check_links(objects: Mapping[str, ObjectSchema]) -> None:
    collections = [name for name, o in objects.items() if not o.single]
    for owner in objects.values():
        for key, link in owner.links.items():
            if link.target not in collections:
                raise HzdslError(
                    "name-unknown",
                    f"the link {owner.name}.{key} leads to '{link.target}', which is no collection of the schema",
                    fix=did_you_mean(link.target, collections) or f"known: {', '.join(collections)}",
                )


def _known_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            fix = did_you_mean(key, known) or f"known keys: {', '.join(sorted(known))}"
            raise HzdslError("spec-key", f"[{where}] has an unknown key '{key}'", fix=fix)


def _tables(table: Mapping[str, Any], key: str, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    entries = table.get(key, {})
    for name, entry in entries.items() if isinstance(entries, dict) else [("", entries)]:
        if not isinstance(entry, dict):
            raise _wrong(f"{where}.{key}.{name}" if name else f"{where}.{key}", '{ prefix = "lep_", … }')
        yield name, entry


def _texts(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
    texts = table.get(key, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise _wrong(f"{where}.{key}", '{ name = "text", … }')
    return texts


def _wrong(where: str, right: str) -> HzdslError:
    return HzdslError("spec-value", f"[{where}] has a value of the wrong kind", fix=f"write {right}")


def _dtype(text: Any, where: str) -> DType:
    if not isinstance(text, str) or text not in _DTYPES:
        raise HzdslError("spec-value", f"[{where}] = {text!r} is no dtype", fix=f"one of {', '.join(_DTYPES)}")
    return _DTYPES[text]


def _field(branch: str, text: str, default: DType, attr: str = "") -> Field:
    """Read ``"f32 GeV: documentation"``, where dtype, unit and documentation may be left out."""
    kind, _, doc = text.partition(":")
    words = kind.split()
    dtype = _DTYPES.get(words[0]) if words else None
    words = words[1:] if dtype is not None else words
    if dtype is None:
        dtype = DType.I32 if attr in INTEGERS and not words else default
    return Field(branch, dtype, parse_unit(" ".join(words)) if words else NONE, doc.strip())
