"""``[corrections]`` and ``[models]`` of a document: names of functions that files hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.models import model
from hzdsl.lang.payloads import correction
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Names, entry_at

_READ: dict[str, Callable[..., Any]] = {"corrections": correction, "models": model}
#: Which key of a table an error is about, by its code; otherwise the file.
_KEY_OF = {"name-unknown": "name", "arguments": "label"}


def add_corrections(names: Names, file: DocumentFile) -> None:
    """Add a function for each correction and model that a file names; relative paths start at the file's folder."""
    for key, read in _READ.items():
        for name, table in (file.get(key) or {}).items():
            try:
                function = read(**table, folder=file.folder)
            except HzdslError as e:
                inner = _KEY_OF.get(e.code, "file")
                raise e.at(file.value_place(key, name, inner if inner in table else "file")) from None
            names.add(entry_at(file, (key, name), value=function))
