"""Steering files: ``--config`` sets parameters, luminosity and samples of an analysis from one TOML file.

``[selection.muon] min_pt`` sets the parameter `muon_min_pt`: the words of the path joined by ``_``, without
`selection` and `zcandidates`; `range` is a pair, `…_low` and `…_high`. Bare numbers are in GeV, cm, 1/pb, pb.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Document, Number, Sample
from hzdsl.lang.samples import luminosity, make_sample
from hzdsl.text.definitions import constant
from hzdsl.text.file import DocumentFile, dotted
from hzdsl.text.overrides import fitted
from hzdsl.text.positions import Path
from hzdsl.text.reading import read_document
from hzdsl.text.samples import OPTIONS, sample_files, sample_options
from hzdsl.text.validation import validate_samples
from hzdsl.urls import is_url

_DROPPED = ("selection", "zcandidates")
_BASE_URL = "skimmed_base_url"


def apply_config(path: str | FilePath, document: Document) -> tuple[Document, dict[str, Number]]:
    """Return the document with the samples and luminosity of a steering file, and the parameters it sets.

    Raises
    ------
    HzdslError
        ``spec-key`` for a key that is no parameter, ``parameter`` or ``unit`` for its value.
    """
    file = read_document(FilePath(path))
    overrides: dict[str, Number] = {}
    for key_path, name, value in _settings(file):
        parameter = next((p for p in document.parameters if p.name == name), None)
        if parameter is None:
            raise _no_parameter(file, key_path, name, document)
        try:
            overrides[name] = fitted(parameter, value)
        except HzdslError as e:
            raise e.at(file.value_place(*key_path)) from None
    return _with_samples(_with_luminosity(document, file), file), overrides


def _settings(file: DocumentFile) -> Iterator[tuple[Path, str, Any]]:
    """Return (path, name of the parameter, value) of everything that sets a parameter."""
    for key, value in file.data.items():
        if key == "source":
            _check_source(file)
        elif key not in ("luminosity", "sample"):
            yield from _flattened(file, (key,), value)


def _flattened(file: DocumentFile, path: Path, value: Any) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(file, (*path, key), inner)
    elif path[-1] == "range":
        if not isinstance(value, list) or len(value) != 2:
            place = file.value_place(*path)
            raise HzdslError(
                "spec-value", f"{dotted(path)} is not a lower and an upper edge", fix="[70, 180]", place=place
            )
        for end, x, i in zip(("low", "high"), value, (0, 1), strict=True):
            yield (*path, i), _parameter_name((*path[:-1], end)), _number(file, x, (*path, i))
    else:
        yield path, _parameter_name(path), _number(file, value, path)


def _parameter_name(path: Path) -> str:
    words = [str(word) for word in path if word not in _DROPPED]
    if words[0] == "histogram" and len(words) > 2:
        words = words[1:]  # histogram.single_signal.bins is single_signal_bins
    return "_".join(words)


def _number(file: DocumentFile, x: Any, path: Path) -> Any:
    if isinstance(x, str):
        return constant(file.source(x, *path))
    if not isinstance(x, bool | int | float):
        raise HzdslError(
            "spec-value",
            f"{dotted(path)} is no number",
            fix="give a number, a quantity or a bool",
            place=file.value_place(*path),
        )
    return x


def _no_parameter(file: DocumentFile, path: Path, name: str, document: Document) -> HzdslError:
    known = [p.name for p in document.parameters]
    fix = did_you_mean(name, known) or f"parameters: {', '.join(known) or 'none'}"
    what = f"{dotted(path)}: the analysis '{document.name}' has no parameter '{name}'"
    return HzdslError("spec-key", what, fix=fix, place=file.key_place(*(k for k in path if isinstance(k, str))))


def _check_source(file: DocumentFile) -> None:
    source = file.get("source")
    if not isinstance(source, dict):
        raise HzdslError("spec-value", "source is no table", fix="[source]", place=file.value_place("source"))
    for key, value in source.items():
        if key != _BASE_URL:
            fix = did_you_mean(key, [_BASE_URL]) or f"known keys: {_BASE_URL}"
            raise HzdslError("spec-key", f"unknown key 'source.{key}'", fix=fix, place=file.key_place("source", key))
        if not isinstance(value, str):
            raise HzdslError(
                "spec-value", f"source.{key} is no text", fix="a URL or a folder", place=file.value_place("source", key)
            )


def _with_luminosity(document: Document, file: DocumentFile) -> Document:
    given = file.get("luminosity")
    if given is None:
        return document
    try:
        return replace(document, luminosity=luminosity(_number(file, given, ("luminosity",))))
    except HzdslError as e:
        raise e.at(file.value_place("luminosity")) from None


# ---- samples ----


def _with_samples(document: Document, file: DocumentFile) -> Document:
    if file.get("sample") is None:
        return document
    validate_samples(file, file.get("sample"))
    samples: dict[str, Sample] = {}
    for i, table in file.items("sample"):
        try:
            sample = _sample(file, i, table, document)
            if sample.name in samples:
                raise HzdslError("name-twice", f"there are two samples called '{sample.name}'")
        except HzdslError as e:
            raise e.at(file.key_place("sample", i)) from None
        samples[sample.name] = sample
    return document.with_samples(tuple(samples.values()))


def _sample(file: DocumentFile, i: int, table: Mapping[str, Any], document: Document) -> Sample:
    regions = [r.name for r in document.regions]
    for name in table.get("channels", ()):
        if name not in regions:
            fix = did_you_mean(name, regions) or f"regions: {', '.join(regions)}"
            raise HzdslError(
                "name-unknown", f"there is no region '{name}'", fix=fix, place=file.value_place("sample", i, "channels")
            )
    options = sample_options(file, i, table, lambda x, *path: _number(file, x, path))
    same = next((s for s in document.samples if s.name == table["name"]), None)
    if same is not None:  # a steering file says nothing of plots
        options = {"process": same.process, "label": same.label, **options}
    return make_sample(table["name"], _files(file, i, table), **{**OPTIONS, **options})


def _files(file: DocumentFile, i: int, table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the files of a sample; a bare name is one under the base URL, no name at all ``<name>.root``."""
    given = sample_files(file, i, table)
    if not given and "templates" in table:
        return ()
    names = (given,) if isinstance(given, str) else tuple(given) or (f"{table['name']}.root",)
    base = file.get("source", _BASE_URL)
    return tuple(name if base is None or _located(name) else f"{base.rstrip('/')}/{name}" for name in names)


def _located(name: str) -> bool:
    return is_url(name) or FilePath(name).is_absolute()
