"""Which samples a command runs on: those of the analysis, or those named on the command line."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from hzdsl.ir.analysis import Document, Sample
from hzdsl.records import dataclass
from hzdsl.run.analysis import of_files
from hzdsl.urls import is_url


@dataclass(frozen=True)
class Given:
    """What the command line says of inputs."""

    files: tuple[str, ...] = ()
    samples: tuple[tuple[str, str], ...] = ()
    tree: str | None = None
    data: bool = False
    base_url: str | None = None


def with_inputs(document: Document, given: Given) -> Document:
    """Return the analysis of the samples that are to be run.

    Bare files are one unnamed sample instead of those of the analysis. With ``--sample`` only the samples
    named so are run: those of the analysis with what it says of them, others as new ones of weight 1.
    Otherwise the samples of the analysis are run, their relative files prefixed with the base URL where
    there is one.
    """
    if given.files and given.samples:
        raise click.UsageError("give bare files or --sample, not both")
    if not given.files and not given.samples and (given.data or given.tree):
        raise click.UsageError(f"{'--data' if given.data else '--tree'} goes with files or --sample")
    if given.files:
        return of_files(document, given.files, given.tree, given.data)
    if given.samples:
        return document.with_samples(_named(document, given))
    if given.base_url is not None:
        return document.with_samples(tuple(at_base(s, given.base_url) for s in document.samples))
    return document


def _named(document: Document, given: Given) -> tuple[Sample, ...]:
    declared = {s.name: s for s in document.samples}
    files: dict[str, list[str]] = {}
    for name, pattern in given.samples:
        files.setdefault(name, []).append(_from_here(pattern))
    made = []
    for name, paths in files.items():
        sample = declared.get(name) or _new(name, given.data)
        trees = sample.trees if given.tree is None else (given.tree,)
        made.append(replace(sample, files=tuple(paths), trees=trees))
    return tuple(made)


def _new(name: str, data: bool) -> Sample:
    kind, role = ("data", "data") if data else ("simulation", "background")
    return Sample(name, kind=kind, role=role, process=name)


def _from_here(pattern: str) -> str:
    """Return a path of the command line so that the analysis' own folder does not matter."""
    return pattern if is_url(pattern) else os.path.abspath(os.path.expanduser(pattern))


def at_base(sample: Sample, base: str) -> Sample:
    """Return a sample whose relative files, those of its templates too, lie under a URL or in a folder."""
    templates = {key: (_prefixed(file, base), name) for key, (file, name) in sample.templates.items()}
    return replace(sample, files=tuple(_prefixed(f, base) for f in sample.files), templates=templates)


def _prefixed(file: str, base: str) -> str:
    if is_url(file) or os.path.isabs(file):
        return file
    return f"{base.rstrip('/')}/{file}" if is_url(base) else os.path.join(_from_here(base), file)
