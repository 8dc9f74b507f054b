"""Blocks that are read and wait for a part of `hzdsl.lang`; each is refused until that part is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import MappingProxyType

from hzdsl.errors import HzdslError
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.text.file import DocumentFile


def _has(name: str) -> Callable[[], bool]:
    return lambda: hasattr(Analysis, name)


def _tables() -> bool:
    return find_spec("hzdsl.lang.tables") is not None


_READY: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {
        "categories": lambda: "category" in FUNCTIONS,
        "corrections": _tables,
        "weights": _has("weight"),
        "weight": _has("weight"),
        "systematic": lambda: "vary" in FUNCTIONS and hasattr(Analysis, "weight"),
        "correction": lambda: "vary" in FUNCTIONS and hasattr(Analysis, "weight") and _tables(),
        "checks": _has("exclusive"),
        "lumi_mask": lambda: hasattr(Analysis, "lumi_mask") and _tables(),
        "model": lambda: False,
    }
)


def refuse_coming(file: DocumentFile) -> None:
    """Raise ``unsupported`` for the first block that cannot be run yet."""
    for key in file.data:
        if key in _READY and not _READY[key]():
            raise HzdslError("unsupported", f"[{key}] is not in this version", place=file.key_place(key))
    for i, table in file.items("sample"):
        if isinstance(table.get("nevt"), str) and not hasattr(Analysis, "weight"):
            place = file.value_place("sample", i, "nevt")
            raise HzdslError("unsupported", 'nevt = "Runs" is not in this version', place=place)
