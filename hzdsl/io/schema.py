"""Schemas: what a file holds, before any file is opened.

A schema names collections (jagged branches with a counter), single objects and plain fields, with the dtype and unit
of each attribute. `nanoaod` comes with the package; a user's own is a TOML file with the same `[schema]` table.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit, parse_unit


@dataclass(frozen=True)
class Field:
    """One attribute: the branch that stores it, its dtype and unit, a line of documentation."""

    branch: str
    dtype: DType
    unit: Unit = NONE
    doc: str = ""


@dataclass(frozen=True)
class ObjectSchema:
    """A collection (with `counter`) or a single object per event; `flavor` is the |PDG id| where it has one."""

    name: str
    fields: Mapping[str, Field]
    counter: str | None = None
    single: bool = False
    flavor: int | None = None


class SchemaTag(NamedTuple):
    """What nodes remember of their schema: its name, a digest of all it says, and what identifies an event."""

    name: str
    digest: str
    identifiers: tuple[Field, ...]


@dataclass(frozen=True)
class Schema:
    """Everything known of an input's names, types and units."""

    name: str
    fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    objects: Mapping[str, ObjectSchema] = dataclasses.field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    patterns: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @cached_property
    def tag(self) -> SchemaTag:
        """What tells this schema's nodes from another's."""
        told = repr((self.fields, self.objects, self.patterns, self.identifiers))
        named = tuple(f for name in self.identifiers if (f := self.field(name)) is not None)
        return SchemaTag(self.name, hashlib.sha256(told.encode()).hexdigest()[:16], named)

    def field(self, name: str) -> Field | None:
        """Return the plain field called `name`: declared, or of a declared prefix (``HLT_``)."""
        if name in self.fields:
            return self.fields[name]
        text = next((t for prefix, t in self.patterns.items() if name.startswith(prefix)), None)
        return None if text is None else _field(name, name, text)

    def names(self) -> list[str]:
        """Return every name that `ev.` and text know."""
        return [*self.objects, *self.fields]


@cache
def _packaged(name: str) -> Schema:
    text = (resources.files("hzdsl.io") / "schemas" / f"{name}.toml").read_text(encoding="utf-8")
    return schema_from_table(tomllib.loads(text)["schema"], name)


def load_schema(name: str, folder: str = ".") -> Schema:
    """Return a schema by name (of the package) or from a TOML file, found relative to `folder`.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format`` or ``spec-value``.

    Examples
    --------
    >>> str(load_schema("nanoaod").objects["Muon"].fields["pt"].unit)
    'GeV'
    """
    if not name.endswith(".toml"):
        known = [p.name[:-5] for p in (resources.files("hzdsl.io") / "schemas").iterdir() if p.name.endswith(".toml")]
        if name not in known:
            fix = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}; or the path of a .toml file"
            raise HzdslError("name-unknown", f"there is no schema called '{name}'", fix=fix)
        return _packaged(name)
    path = Path(folder) / name
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise HzdslError("file-missing", f"cannot read the schema {path}: {e.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise HzdslError("spec-format", f"{path} is not TOML: {e}") from None
    if "schema" not in table:
        raise HzdslError("spec-key", f"{path} has no [schema] table")
    return schema_from_table(table["schema"], path.stem)


_TABLE_KEYS = {"fields", "collections", "objects", "identifiers", "patterns"}
_OBJECT_KEYS = {"prefix", "counter", "fields", "names", "units", "flavor"}


def schema_from_table(table: Mapping[str, Any], name: str) -> Schema:
    """Return the schema that a `[schema]` table describes; an unknown key is refused."""
    _known_keys(table, _TABLE_KEYS, "schema")
    objects = {}
    for kind in ("collections", "objects"):
        for key, entry in table.get(kind, {}).items():
            _known_keys(entry, _OBJECT_KEYS, f"schema.{kind}.{key}")
            objects[key] = _object(key, entry, single=kind == "objects")
    fields = {key: _field(key, key, text) for key, text in table.get("fields", {}).items()}
    return Schema(name, fields, objects, tuple(table.get("identifiers", ())), dict(table.get("patterns", {})))


def _known_keys(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            fix = did_you_mean(key, known) or f"known keys: {', '.join(sorted(known))}"
            raise HzdslError("spec-key", f"[{where}] has an unknown key '{key}'", fix=fix)


def _object(name: str, entry: Mapping[str, Any], single: bool) -> ObjectSchema:
    prefix, names = entry.get("prefix", f"{name}_"), entry.get("names", {})
    units: dict[str, str] = dict(entry.get("units", {}))
    texts = {**{k: f"f32 {u}" for k, u in units.items()}, **entry.get("fields", {})}
    for attr in names:
        texts.setdefault(attr, "f32")
    fields = {attr: _field(attr, prefix + names.get(attr, attr), text) for attr, text in texts.items()}
    counter = None if single else entry.get("counter", f"n{name}")
    return ObjectSchema(name, fields, counter, single, entry.get("flavor"))


def _field(attr: str, branch: str, text: str) -> Field:
    """Read ``"f32 GeV: documentation"``, where dtype (f32), unit and documentation may be left out."""
    kind, _, doc = text.partition(":")
    words = kind.split()
    dtypes = {d.value: d for d in DType if d.numeric or d is DType.BOOL}
    dtype = dtypes.get(words[0]) if words else DType.F32
    if dtype is None:
        dtype = DType.F32
    elif words:
        words = words[1:]
    return Field(branch, dtype, parse_unit(" ".join(words)) if words else NONE, doc.strip())
