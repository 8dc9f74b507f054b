"""`Loaded`: what loading a file gives, whether it is text or Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hzdsl.errors import UnknownName, did_you_mean
from hzdsl.ir.analysis import Document, Number
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.objects import is_function
from hzdsl.text.config import apply_config
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.names import Entry
from hzdsl.text.overrides import fitted, parameter_named, parse_override
from hzdsl.text.scope import Scope

#: What `set` takes: texts as on the command line, or names with numbers and quantities.
Settings = Iterable[str] | Mapping[str, Any]


class Loaded:
    """An analysis or library that was read from a file.

    Attributes
    ----------
    analysis : Analysis
        What the file describes.
    document : Document
        Its immutable description, with the samples and luminosity of the steering file.
    overrides : dict of str to number
        New values of parameters (in their own units), from the steering file and from `set`.

    The definitions of a text are attributes: values, or functions to be called from Python.
    """

    def __init__(
        self, analysis: Analysis, elaborator: Elaborator | None, config: str | Path | None, set: Settings | None
    ) -> None:
        self.analysis, self._elaborator = analysis, elaborator
        self.document: Document = analysis.document()
        self.overrides: dict[str, Number] = {}
        if config is not None:
            self.document, self.overrides = apply_config(config, self.document)
        self.overrides.update(_overrides(set or (), self.document))

    def __getattr__(self, name: str) -> Any:
        elaborator = self.__dict__.get("_elaborator")
        if elaborator is None or name.startswith("__"):
            raise AttributeError(name)
        entry: Entry | None = elaborator.names.entry(name)
        if entry is None:
            known = [e.name for e in elaborator.names.entries()]
            fix = did_you_mean(name, known) or f"defined: {', '.join(known) or 'nothing'}"
            if not name.startswith("_") and hasattr(self.analysis, name):
                fix = f"of the whole analysis: .analysis.{name}"
            raise UnknownName("name-unknown", f"'{self.analysis.name}' defines no '{name}'", fix=fix)
        if is_function(entry.value):
            return entry.value
        if entry.is_function:
            return lambda *args, **kwargs: elaborator.apply(entry, args, kwargs)
        return elaborator.run(entry, Scope(entry.source, chain=(entry.name,)))

    def __dir__(self) -> list[str]:
        names = [] if self._elaborator is None else [e.name for e in self._elaborator.names.entries()]
        return sorted([*super().__dir__(), *names])

    def __repr__(self) -> str:
        return (
            f"<analysis '{self.document.name}': regions {', '.join(r.name for r in self.document.regions) or 'none'}>"
        )


def _overrides(settings: Settings, document: Document) -> dict[str, Number]:
    if isinstance(settings, Mapping):
        return {name: fitted(parameter_named(name, document), x) for name, x in settings.items()}
    return dict(parse_override(text, document) for text in settings)
