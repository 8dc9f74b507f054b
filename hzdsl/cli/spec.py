"""Reading the analysis that a command names: a TOML document or a Python file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hzdsl.ir.analysis import Document


@dataclass(frozen=True)
class Spec:
    """An analysis and the parameters set on the command line."""

    document: Document
    parameters: Mapping[str, object]


def load_spec(path: str, config: str | None = None, sets: Iterable[tuple[str, str]] = ()) -> Spec:
    """Return the analysis of a ``.toml`` or ``.py`` file; a ``.py`` file is run as the user's program.

    Raises
    ------
    HzdslError
        For everything that is wrong with it, with its place.
    """
    from hzdsl.text import load, load_python

    read = load_python if path.endswith(".py") else load
    loaded = read(path, config=config, set=dict(sets))
    return Spec(loaded.document, loaded.overrides)
