"""``[[model]]``: a new attribute of a collection, which a provider computes from others.

There a provider is a process that the framework talks to; here it is a function of expressions: a trained model whose
file the document names (``provider = { kind = "inproc", file = "bdt.json" }``), or one that ``hz.load(…, providers=…)``
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.types import DType
from hzdsl.lang.collections import Collection
from hzdsl.lang.models import ModelFunction, model
from hzdsl.lang.values import Value
from hzdsl.text.at import at
from hzdsl.text.calls import attribute_of
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Names
from hzdsl.text.nano.expressions import widened
from hzdsl.text.positions import Path

#: The types of a model's output, as the dialect writes them.
_DTYPES = {"f32": DType.F32, "float": DType.F32, "f64": DType.F64, "double": DType.F64}

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
        _check_batch(file, path, name)
        with at(file.value_place(*path, "inputs")):
            inputs = [_input(names, collection, name, given) for given in table.get("inputs", ())]
        provider = _provider(file, table, path, providers)
        with at(file.key_place(*path)):
            value = _of_dtype(file, path, _called(provider, inputs))
            names.replace_input(name, collection.assign(**{attr: widened(value) if names.nano_spec else value}))


def _output(names: Names, file: DocumentFile, text: str, path: Path) -> tuple[str, str, Collection]:
    """Return the collection that ``Collection_attribute`` names, and the attribute."""
    for name in sorted(names.events.schema.objects, key=len, reverse=True):
        found = names.input(name) if text.startswith(f"{name}_") else None
        if isinstance(found, Collection):
            return name, text.removeprefix(f"{name}_"), found
    fix = 'e.g. output = "Jet_score"'
    raise HzdslError("spec-value", f"'{text}' names no collection of the input", fix=fix, place=file.value_place(*path))


def _check_batch(file: DocumentFile, path: Path, owner: str) -> None:
    """Refuse a model that is evaluated for the elements of another collection than it is an attribute of."""
    batch = file.get(*path, "batch")
    if isinstance(batch, str) and batch != owner:
        place = file.value_place(*path, "batch")
        raise HzdslError("spec-value", f"batch is '{batch}', and the output is of {owner}", fix=owner, place=place)


def _of_dtype(file: DocumentFile, path: Path, value: Any) -> Any:
    """Return what a model computes in the type that its table says."""
    dtype = file.get(*path, "dtype")
    if dtype is None or not isinstance(value, Value):
        return value
    if dtype.lower() not in _DTYPES:
        raise HzdslError("spec-value", f"dtype is '{dtype}'", fix="f32, f64", place=file.value_place(*path, "dtype"))
    return value.as_f32() if _DTYPES[dtype.lower()] is DType.F32 else value.as_f64()


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
