"""What is set on an analysis by assignment: name, luminosity, experiment, energy, folder; nothing else can be."""

from __future__ import annotations

from typing import Any, NoReturn

from hzdsl.errors import UnknownName, did_you_mean
from hzdsl.lang.places import located, user_place
from hzdsl.lang.samples import luminosity
from hzdsl.lang.synonyms import of_analysis

#: What may be assigned.
SETTINGS = ("name", "luminosity", "experiment", "energy", "folder")


class Settings:
    """The settings of an analysis, checked where they are written."""

    name: str
    experiment: str = ""
    energy: str = ""
    folder: str = "."
    _luminosity: Any = None

    @property
    def luminosity(self) -> Any:
        """The integrated luminosity as written: a quantity, a number in 1/pb, or a text such as ``11.58 / fb``."""
        return self._luminosity

    @luminosity.setter
    @located
    def luminosity(self, given: Any) -> None:
        luminosity(given)
        self._luminosity = given

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in SETTINGS and not name.startswith("_"):
            raise self._unknown(name, SETTINGS, "no setting")
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or name in SETTINGS:
            raise AttributeError(name)
        raise self._unknown(name, [n for n in dir(self) if not n.startswith("_")], "nothing")

    @staticmethod
    def _unknown(name: str, known: Any, what: str) -> UnknownName:
        begun = next((k for k in known if k.startswith(name)), None)
        near = f"did you mean {begun}?" if begun else of_analysis(name) or did_you_mean(name, known)
        fix = near or f"known: {', '.join(known)}"
        return UnknownName("attribute", f"an analysis has {what} called '{name}'", fix=fix, place=user_place())
