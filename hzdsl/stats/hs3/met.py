"""Parameters that are met while the channels of a document are read, each with what constrains it."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.stats.documents import Value, meant
from hzdsl.stats.histfactory.records import MEANINGS, Kind
from hzdsl.stats.hs3.settings import Settings
from hzdsl.stats.parameters import Constraint, Parameter


class Met:
    """The parameters so far, in the order in which they were met."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.parameters: dict[str, Parameter] = {}

    def scalar(self, name: str, kind: Kind, constraint: Constraint | None, at: Value) -> None:
        """Meet the parameter of a modifier of whole samples."""
        start, low, high = (1.0, -3.0, 5.0) if kind == "normfactor" else (0.0, -5.0, 5.0)
        fixed = self.settings.fixed(name)
        self._meet(Parameter(name, start, low, high, constraint, fixed, doc=_doc(kind)), at)

    def of_bin(self, name: str, kind: Kind, constraint: Constraint | None, constant: bool, at: Value) -> None:
        """Meet the parameter of one bin; it is `constant` where nothing else is said of it."""
        fixed = self.settings.fixed(name, constant)
        self._meet(Parameter(name, 1.0, 0.0, 1000.0, constraint, fixed, doc=_doc(kind)), at)

    def constrain(self, name: str, constraint: Constraint, at: Value) -> None:
        """Add what a distribution says of a parameter that was met."""
        if name not in self.parameters:
            raise at.error(
                "name-unknown", f"constrains '{name}', which changes no channel", meant(name, self.parameters)
            )
        found = self.parameters[name]
        self.parameters[name] = replace(found, constraint=_one(found, constraint, at))

    def _meet(self, new: Parameter, at: Value) -> None:
        """Add a parameter, where it starts and may go as the document says; what is `new` are ROOT's defaults."""
        known = self.parameters.get(new.name)
        if known is not None:
            self.parameters[new.name] = replace(known, constraint=_one(known, new.constraint, at))
            return
        value = self.settings.value(new.name, new.value)
        low, high = self.settings.bounds(new.name, (new.low, new.high))
        if not low <= value <= high:
            what = f"has '{new.name}', which starts at {value:g}, outside of {low:g} to {high:g}"
            raise at.error("parameter", what, "give it another value, or another range")
        self.parameters[new.name] = replace(new, value=value, low=low, high=high)


def _doc(kind: Kind) -> str:
    return f"{MEANINGS[kind]} ({kind})"


def _one(known: Parameter, constraint: Constraint | None, at: Value) -> Constraint | None:
    if known.constraint is None or constraint is None or known.constraint == constraint:
        return known.constraint or constraint
    what = f"constrains '{known.name}' by {constraint}, and elsewhere it is {known.constraint}"
    raise at.error("name-twice", what, "leave one of them out")
