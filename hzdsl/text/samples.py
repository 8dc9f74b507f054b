"""The ``[[sample]]`` tables of a document or of a steering file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.analysis import Analysis
from hzdsl.text.file import DocumentFile

#: What `Analysis.sample` takes beside name and files, and what stands for it where a table does not say.
OPTIONS: Mapping[str, Any] = MappingProxyType(
    {p.name: p.default for p in signature(Analysis.sample).parameters.values() if p.kind is p.KEYWORD_ONLY}
)


def declare_samples(analysis: Analysis, file: DocumentFile, value: Callable[..., Any]) -> None:
    """Declare every sample of a document; `value` evaluates a number or text that stands at a path."""
    for i, table in file.items("sample"):
        options = sample_options(file, i, table, value)
        try:
            analysis.sample(table["name"], sample_files(file, i, table), **options)
        except HzdslError as e:
            raise e.at(file.key_place("sample", i)) from None


def sample_files(file: DocumentFile, i: int, table: Mapping[str, Any]) -> Any:
    """Return the files of a sample, which stand under `file` or `files`."""
    if "file" in table and "files" in table:
        what = f"sample '{table['name']}' has both file and files"
        raise HzdslError("spec-key", what, fix="keep one", place=file.key_place("sample", i, "file"))
    return table.get("file", table.get("files", ()))


def sample_options(file: DocumentFile, i: int, table: Mapping[str, Any], value: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of `Analysis.sample` that a table gives."""
    options = {key: table[key] for key in OPTIONS if key in table}
    if "xsec" in table:
        options["xsec"] = value(table["xsec"], "sample", i, "xsec")
    options["templates"] = {
        key: _template(file, x, "sample", i, "templates", key) for key, x in table.get("templates", {}).items()
    }
    return options


def _template(file: DocumentFile, x: Any, *path: str | int) -> tuple[str, str]:
    """Return (file, histogram) of ``"file.root:name"`` or a table."""
    if isinstance(x, dict):
        return x["file"], x["histogram"]
    name, colon, histogram = x.rpartition(":")
    if not colon or not name or not histogram or histogram.startswith("//"):
        fix = 'write "file.root:histogram"'
        raise HzdslError("spec-value", f"the template {x!r} names no histogram", fix=fix, place=file.value_place(*path))
    return name, histogram
