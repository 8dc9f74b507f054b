"""``[corrections]`` of a document: names of functions that correctionlib files hold."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.lang.tables import correction
from hzdsl.text.names import Entry, Names
from hzdsl.text.source import Source
from hzdsl.text.tomlfile import TomlFile


def add_corrections(names: Names, file: TomlFile) -> None:
    """Add a function for each correction that a file names; relative paths start at the file's folder."""
    for name, table in (file.get("corrections") or {}).items():
        place = file.key_place("corrections", name)
        try:
            function = correction(table["file"], table["name"], folder=file.folder)
        except HzdslError as e:
            key = "name" if e.code == "name-unknown" else "file"
            raise e.at(file.value_place("corrections", name, key)) from None
        source = Source(place.source, place.text, place.line)
        names.add(Entry(name, source, place.column, place.end_column, value=function))
