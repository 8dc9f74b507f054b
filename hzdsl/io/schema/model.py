"""The data of a schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property

from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Field:
    """One attribute: the branch that stores it, its dtype and unit, a line of documentation."""

    branch: str
    dtype: DType
    unit: Unit = NONE
    doc: str = ""

    @property
    def meaning(self) -> str:
        """The documentation, with unit and branch."""
        return f"{with_unit(self.doc, self.unit)}, branch {self.branch}".removeprefix(", ")


def with_unit(words: str, unit: Unit) -> str:
    """Return words with the unit in brackets after them.

    Examples
    --------
    >>> from hzdsl.ir.units import GEV
    >>> with_unit("mass", GEV), with_unit("charge", NONE)
    ('mass [GeV]', 'charge')
    """
    return f"{words} [{unit}]".lstrip() if str(unit) else words


@dataclass(frozen=True)
class Link:
    """A reference that a file stores as an index.

    Attributes
    ----------
    index : str
        The attribute with the position in the target; what is outside of the target is missing.
    target : str
        The collection of the event that is referred to.
    chain : str or None
        The name of the axis of all elements met by following the link again and again (`ancestors`); only for a link of
        a collection into itself.
    """

    index: str
    target: str
    chain: str | None = None


@dataclass(frozen=True)
class ObjectSchema:
    """What the elements of a collection, or a single object of the event, have.

    Attributes
    ----------
    name : str
        How it is called; of a nested collection with the outer one's: `jet.tracks`.
    fields : mapping of str to Field
        Its attributes.
    counter : str
        The branch that may tell the lengths of a collection; empty where there is none.
    single : bool
        True for an object of the event itself.
    flavor : int or None
        The |PDG id|, where it is the same for all.
    value : Field or None
        Of a list of bare numbers (`LHEPdfWeight`): their branch; it has no fields.
    links : mapping of str to Link
        References to elements of collections.
    nested : mapping of str to ObjectSchema
        Collections that every element has of its own (`vector<vector<float>>`).
    """

    name: str
    fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    counter: str = ""
    single: bool = False
    flavor: int | None = None
    value: Field | None = None
    links: Mapping[str, Link] = dataclasses.field(default_factory=dict)
    nested: Mapping[str, ObjectSchema] = dataclasses.field(default_factory=dict)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """Every branch that has one value per element."""
        values = [self.value] if self.value is not None else []
        return tuple(dict.fromkeys(f.branch for f in (*self.fields.values(), *values)))

    def chains(self) -> dict[str, str]:
        """Return the links that are followed again and again, by the names of their chains."""
        return {link.chain: name for name, link in self.links.items() if link.chain is not None}


@dataclass(frozen=True, eq=False)
class SchemaTag:
    """What nodes remember of their schema: its name, what identifies an event, and the schema itself.

    Two tags are equal where their schemas say the same under one name.
    """

    name: str
    identifiers: tuple[Field, ...]
    schema: Schema = dataclasses.field(repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SchemaTag) or self.name != other.name:
            return False
        return self.schema is other.schema or self.schema.digest == other.schema.digest

    def __hash__(self) -> int:
        return hash(self.name)

    def link(self, owner: str, index: str, target: str) -> str | None:
        """Return how a collection calls the elements of `target` that its attribute `index` points to, if it does."""
        links = self.schema.objects[owner].links if owner in self.schema.objects else {}
        return next((name for name, to in links.items() if (to.index, to.target) == (index, target)), None)

    def flavor(self, owner: str) -> int | None:
        """Return the |PDG id| of a collection whose elements are all of one kind."""
        return self.schema.objects[owner].flavor if owner in self.schema.objects else None

    def stored(self, owner: str) -> tuple[str, ...]:
        """Return the names of the attributes that a collection or object has of its own."""
        return tuple(self.schema.objects[owner].fields) if owner in self.schema.objects else ()

    def chain(self, owner: str, link: str) -> str | None:
        """Return how a collection calls what its link leads to, again and again."""
        links = self.schema.objects[owner].links if owner in self.schema.objects else {}
        return links[link].chain if link in links else None


@dataclass(frozen=True)
class Schema:
    """Everything known of an input's names, types and units.

    Attributes
    ----------
    name : str
        Of the package's schema or of the file.
    fields : mapping of str to Field
        Plain branches of the event.
    objects : mapping of str to ObjectSchema
        Collections and single objects.
    identifiers : tuple of str
        The fields that say which event it is.
    patterns : mapping of str to Field
        Families of branches by their prefix (`HLT_`): dtype, unit and documentation of each member.
    """

    name: str
    fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    objects: Mapping[str, ObjectSchema] = dataclasses.field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    patterns: Mapping[str, Field] = dataclasses.field(default_factory=dict)

    @cached_property
    def tag(self) -> SchemaTag:
        """What tells this schema's nodes from another's."""
        named = tuple(f for name in self.identifiers if (f := self._identifier(name)) is not None)
        return SchemaTag(self.name, named, self)

    @cached_property
    def digest(self) -> str:
        """A digest of all that it says, but its name."""
        import hashlib

        told = repr((self.fields, dict(self.objects), self.patterns, self.identifiers))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def _identifier(self, name: str) -> Field | None:
        """Return the field called `name`, of the event or (``EventInfo.runNumber``) of a single object."""
        owner, _, attr = name.partition(".")
        return self.objects[owner].fields.get(attr) if owner in self.objects else self.field(name)

    def field(self, name: str) -> Field | None:
        """Return the plain field called `name`: declared, or of a declared family (``HLT_``)."""
        if name in self.fields:
            return self.fields[name]
        family = next((f for prefix, f in self.patterns.items() if name.startswith(prefix) and name != prefix), None)
        return None if family is None else dataclasses.replace(family, branch=name)

    def family(self, name: str) -> str | None:
        """Return the prefix of the family that `name` (``HLT``) stands for."""
        return f"{name}_" if f"{name}_" in self.patterns else None

    def families(self) -> list[str]:
        """Return the names of the families: ``HLT``, ``Flag``."""
        return [prefix[:-1] for prefix in self.patterns if prefix.endswith("_")]

    def names(self) -> list[str]:
        """Return every name that `ev.` and text know."""
        return [*self.objects, *self.fields, *self.families()]
