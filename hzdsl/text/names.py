"""The names of a document: its definitions, evaluated once and when first used, and the input they start from."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.lang.events import Events
from hzdsl.lang.functions import FUNCTIONS, RESERVED
from hzdsl.lang.kinematics import COMPONENTS, DERIVED
from hzdsl.lang.objects import is_function
from hzdsl.lang.quantities import quantity
from hzdsl.lang.synonyms import of_function
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.file import DocumentFile
from hzdsl.text.nano.expressions import branch_of_single, widened
from hzdsl.text.nano.functions import DIALECT_FUNCTIONS
from hzdsl.text.positions import Path
from hzdsl.text.scope import CONSTANTS, Scope
from hzdsl.text.source import Source

#: Attributes of anything with a four-vector.
KINEMATIC = frozenset({*COMPONENTS, *DERIVED, "charge"})
#: What evaluates in steps: it yields (expression or entry, scope) and is sent the value.
Steps = Generator[tuple[Any, Scope], Any, Any]
#: What makes one collection of another.
Change = Callable[[Any], Steps]


@dataclass(frozen=True)
class Entry:
    """One name of a document: where it is defined and how its value is had.

    Parameters
    ----------
    name : str
        The name.
    source, start, end : Source, int, int
        Where the definition stands.
    formula : Definition or None
        For a definition of a block.
    steps : callable or None
        For a definition made by other means (``[objects]``, ``[derived]``): its evaluation, given a scope.
    value : Any
        For what is known at once (a parameter, a correction, a model).
    """

    name: str
    source: Source
    start: int = 0
    end: int = 0
    formula: s.Definition | None = None
    steps: Callable[[Scope], Steps] | None = None
    value: Any = None

    @property
    def is_function(self) -> bool:
        """True for definitions with parameters, for corrections and models."""
        return is_function(self.value) or (self.formula is not None and self.formula.parameters is not None)

    def place(self) -> Place:
        """Return where the name is defined."""
        return self.source.place(self.start, self.end)


def _is_function(name: str) -> bool:
    return name in RESERVED or name in DIALECT_FUNCTIONS


def entry_at(file: DocumentFile, path: Path, **how: Any) -> Entry:
    """Return a definition that stands at a path of a document."""
    place = file.key_place(*path)
    return Entry(str(path[-1]), Source(place.source, place.text, place.line), place.column, place.end_column, **how)


class Names:
    """The definitions of a document and the events they start from."""

    def __init__(self, events: Events, nano_spec: bool = False) -> None:
        self.events, self.nano_spec = events, nano_spec
        self._entries: dict[str, Entry] = {}
        self._inputs: dict[str, Any] = {}
        self._changes: dict[str, list[Change]] = {}

    def add(self, entry: Entry) -> None:
        """Add a definition.

        Raises
        ------
        HzdslError
            ``name-twice`` where the name is taken.
        """
        other = self._entries.get(entry.name)
        taken = None
        if other is not None:
            taken = f"'{entry.name}' is defined twice, first in {other.source.name}:{other.place().line}"
        elif not self.nano_spec and _is_function(entry.name):  # there, what is called is never a definition
            taken = f"'{entry.name}' is a function of the language"
        elif entry.name in CONSTANTS or entry.name == "ev":
            taken = f"'{entry.name}' is a name of the language"
        parameters = [p.name for p in (entry.formula and entry.formula.parameters) or ()]
        if twice := [p for p in parameters if parameters.count(p) > 1]:
            taken = f"'{entry.name}' has two parameters '{twice[0]}'"
        if taken is not None:
            raise HzdslError("name-twice", taken, fix="choose another name", place=entry.place())
        self._entries[entry.name] = entry

    def entry(self, name: str) -> Entry | None:
        """Return the definition called `name`."""
        return self._entries.get(name)

    def entries(self) -> Iterable[Entry]:
        """Return all definitions, in the order written."""
        return self._entries.values()

    def input(self, name: str) -> Any | None:
        """Return what the language or the input knows as `name`; None where nothing does."""
        if name not in self._inputs:
            self._inputs[name] = self._found(name)
        return self._inputs[name]

    def replace_input(self, name: str, found: Any) -> None:
        """Let `name` stand for something else than the input has."""
        self._inputs[name] = found

    def change_object(self, name: str, change: Change) -> None:
        """Let ``[objects.name]`` select from what `change` makes of its source."""
        self._changes.setdefault(name, []).append(change)

    def changes(self, name: str) -> Sequence[Change]:
        """Return what changes the source of ``[objects.name]``, in order."""
        return self._changes.get(name, ())

    def child(self) -> Names:
        """Return names of their own that begin with these."""
        made = Names(self.events, self.nano_spec)
        made._entries.update(self._entries)
        made._inputs.update(self._inputs)
        made._changes.update(self._changes)
        return made

    def _found(self, name: str) -> Any | None:
        if name == "ev":
            return self.events
        found = self.events.lookup(name)
        if self.nano_spec:
            found = widened(branch_of_single(self.events, name) if found is None else found)
        if found is None and name in CONSTANTS:
            return CONSTANTS[name]
        return quantity(1, name) if found is None and name in UNITS else found

    def entered(self, name: str, scope: Scope) -> tuple[str, ...]:
        """Return the chain of definitions with `name` added, or raise ``cycle``."""
        if name not in scope.chain:
            return (*scope.chain, name)
        circle = " → ".join([*scope.chain[scope.chain.index(name) :], name])
        fix = f"the input of that name is ev.{name}" if self.input(name) is not None else None
        raise HzdslError("cycle", f"'{name}' is defined by itself: {circle}", fix=fix)

    def ambiguous(self, name: str, owner: str) -> HzdslError:
        """Return the error of an attribute in scope that is a definition, too."""
        fix = f"rename the definition, or write C.{name} for the attribute"
        return HzdslError("name-twice", f"'{name}' is an attribute of {owner} and a definition, too", fix=fix)

    def unknown(self, name: str, scope: Scope, called: bool = False) -> HzdslError:
        """Return the error of a name that means nothing at a place, where it is perhaps called like a function."""
        attributes = [n for element in scope.elements for n in element.names()]
        schema = self.events.schema
        near = did_you_mean(name, [*attributes, *scope.bindings, *self._entries])
        known = [*schema.names(), *FUNCTIONS, *DIALECT_FUNCTIONS, *CONSTANTS]
        owner = next((o.name for o in schema.objects.values() if name in o.fields), None)
        fix, define = near or self.events.of_branch(name), f"define it: {name} = …"
        if fix is None and owner is not None and not called:
            attribute = f"write {owner}.{name} for that of {owner}, or use it inside {owner}[…]"
            fix = attribute if name in KINEMATIC or len(name) > 2 else define
        fix = fix or of_function(name, known, KINEMATIC) or define
        return HzdslError("name-unknown", f"'{name}' is not defined", fix=fix, vague=fix == define)
