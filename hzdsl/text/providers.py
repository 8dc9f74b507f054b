"""``[[model]]`` of the nano-spec dialect: a new attribute of a collection, which a provider computes from others.

There a provider is a process that the framework talks to; here it is a function of expressions: a trained model whose
file the document names (``provider = { kind = "inproc", file = "bdt.json" }``), or one that ``hz.load(…, providers=…)``
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.models import ModelFunction, model
from hzdsl.text.at import at
from hzdsl.text.calls import attribute_of
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Names
from hzdsl.text.positions import Path

Providers = Mapping[str, Callable[..., Any]]


def add_models(names: Names, file: DocumentFile, providers: Providers) -> None:
    """Give collections of the input the attributes that the models of a document compute.

    Raises
    ------
    HzdslError
        ``unsupported`` for a model without a provider, ``spec-value`` for an output that names no collection.
    """
    for i, table in file.items("model"):
        path: Path = ("model", i)
        name, attr, collection = _output(names, file, table["output"], (*path, "output"))
        with at(file.value_place(*path, "inputs")):
            inputs = [_input(names, collection, name, given) for given in table["inputs"]]
        provider = _provider(file, table, path, providers)
        with at(file.key_place(*path)):
            value = _called(provider, inputs)
            names.replace_input(name, collection.assign(**{attr: value}))


def _output(names: Names, file: DocumentFile, text: str, path: Path) -> tuple[str, str, Collection]:
    """Return the collection that ``Collection_attribute`` names, and the attribute."""
    for name in sorted(names.events.schema.objects, key=len, reverse=True):
        found = names.input(name) if text.startswith(f"{name}_") else None
        if isinstance(found, Collection):
            return name, text.removeprefix(f"{name}_"), found
    fix = 'e.g. output = "Jet_score"'
    raise HzdslError("spec-value", f"'{text}' names no collection of the input", fix=fix, place=file.value_place(*path))


def _input(names: Names, collection: Collection, owner: str, text: str) -> Any:
    """Return an attribute of the collection (``Jet_pt`` or ``pt``), or else a branch of the event."""
    attr = text.removeprefix(f"{owner}_")
    if attr != text or attr in collection.attributes():
        return collection.attribute(attr)
    return attribute_of(names.events, text)


def _provider(file: DocumentFile, table: Mapping[str, Any], path: Path, providers: Providers) -> Callable[..., Any]:
    name, given = table["name"], table.get("provider", {})
    if name in providers:
        return providers[name]
    if "file" in given:
        with at(file.value_place(*path, "provider", "file")):
            return model(given["file"], folder=file.folder)
    raise HzdslError(
        "unsupported",
        f"model '{name}' has a provider that cannot be reached from here",
        fix=f"hz.load(…, providers={{'{name}': f}}), f a function of its inputs; or provider.file = \"bdt.json\"",
        place=file.key_place(*path),
    )


def _called(provider: Callable[..., Any], inputs: list[Any]) -> Any:
    """Return what a provider computes: a trained model takes its features in the order of the inputs."""
    if not isinstance(provider, ModelFunction):
        return provider(*inputs)
    if len(inputs) != len(provider.inputs):
        said = ", ".join(provider.inputs)
        raise HzdslError("arguments", f"{provider!r} has {len(provider.inputs)} features, not {len(inputs)}", fix=said)
    return provider(**dict(zip(provider.inputs, inputs, strict=True)))
