"""Expressions are never changed in place: assignment to an attribute or element is an error, not a silent nothing."""

from __future__ import annotations

import re
from typing import Any, ClassVar, NoReturn

from hzdsl.errors import HzdslError
from hzdsl.lang.places import user_place, written


class Immutable:
    """Refuses ``x.name = …``, ``x["name"] = …`` and ``del``; a constructor (or a copy) sets the fields once."""

    __slots__ = ()
    _fields: ClassVar[frozenset[str]] = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._fields or self._field(name) is not None:
            raise self._unchanging(name)
        object.__setattr__(self, name, value)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise self._unchanging(key if isinstance(key, str) else None)

    def __delattr__(self, name: str) -> NoReturn:
        raise self._unchanging(None)  # nothing is deleted, either

    def __delitem__(self, key: Any) -> NoReturn:
        raise self._unchanging(None)

    def _field(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return None

    def _instead(self, owner: str, name: str) -> str:
        """Return how to say what the assignment to `name` means."""
        return f"give the new value a name of its own: {name} = …"

    def _unchanging(self, name: str | None) -> HzdslError:
        place = user_place()
        found = re.match(r"(\w+)\s*[.\[]", written(place))
        fix = self._instead(found[1] if found else "C", name) if name else "give what it stands for a name of its own"
        what = f"'{name}' cannot be set on {self!r}" if name else f"{self!r} has nothing to set or delete"
        return HzdslError("python-logic", f"{what}: expressions are not changed in place", fix=fix, place=place)
