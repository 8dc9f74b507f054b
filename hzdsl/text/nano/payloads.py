"""A ``[[correction]]`` that names a correctionlib file: its function, and its inputs along a collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.payloads import correction
from hzdsl.text.at import at
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Steps
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.scope import Element, Scope

#: What each kind of correction needs.
_NEEDED = {
    "scale": ("up", "down"),
    "jes": ("file", "correction", "inputs"),
    "scale_factor": ("file", "correction", "inputs"),
}


def corrections(file: DocumentFile, *kinds: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return the tables ``[[correction]]`` of some kinds, each with its path.

    Raises
    ------
    HzdslError
        ``spec-key`` for a key that its kind needs.
    """
    found: list[tuple[Path, Mapping[str, Any]]] = []
    for i, table in file.items("correction"):
        for key in _NEEDED[table["kind"]]:
            if key not in table:
                what = f"a correction of kind '{table['kind']}' lacks the key '{key}'"
                raise HzdslError("spec-key", what, place=file.key_place("correction", i))
        if table["kind"] in kinds:
            found.append((("correction", i), table))
    return found


class Payload:
    """The function of a correction; a file is relative to the document."""

    def __init__(self, file: DocumentFile, path: Path) -> None:
        self._file, self._path = file, path
        table = file.get(*path)
        with at(file.value_place(*path, "file")):
            self._function = correction(table["file"], table["correction"], folder=file.folder)

    def inputs(self, collection: Collection) -> Steps:
        """Return its arguments by name: attributes of a collection, or constants."""
        found: dict[str, Any] = {}
        for k, given in enumerate(self._file.get(*self._path, "inputs")):
            where = (*self._path, "inputs", k)
            if "from" in given and "value" in given:
                what = f"the input '{given['name']}' has both from and value"
                raise HzdslError("spec-key", what, fix="keep one", place=self._file.key_place(*where, "value"))
            if "value" in given:
                found[given["name"]] = given["value"]
                continue
            key = "from" if "from" in given else "name"
            source = self._file.source(given[key], *where, key)
            found[given["name"]] = yield parse_expression(source), Scope(source, (Element(collection),))
        return found

    def value(self, inputs: Mapping[str, Any]) -> Any:
        """Return what the function gives for its arguments."""
        with at(self._file.key_place(*self._path)):
            return self._function(**inputs)
