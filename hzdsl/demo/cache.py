"""The demo's files in a cache folder: written once, checked by their manifest, replaced where they differ."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hzdsl.caches import cache_root
from hzdsl.demo.files import identity, write_events
from hzdsl.demo.samples import SAMPLES, SampleSpec, make_samples
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass

#: Raised whenever the same seed would give other events.
GENERATOR_VERSION = 1

DEFAULT_SEED = 2012
MANIFEST = "manifest.json"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class DemoFile:
    """One generated file.

    Attributes
    ----------
    name : str
        The sample, without `.root`.
    path : Path
        Where it lies.
    events : int
        Entries of its tree `Events`.
    seed : int
        Seed of the stream it was drawn from; the two files of a data-taking period share one.
    size : int
        Bytes of the file.
    identity : str
        SHA-256 of all columns: equal for equal events.
    """

    name: str
    path: Path
    events: int
    seed: int
    size: int
    identity: str

    @property
    def spec(self) -> SampleSpec:
        """The sample's specification."""
        return next(s for s in SAMPLES if s.name == self.name)


def cache_folder() -> Path:
    """Return the folder `demo` below hzdsl's cache folder."""
    return cache_root() / "demo"


def generate_demo(
    folder: Path | str | None = None, seed: int = DEFAULT_SEED, progress: Progress | None = None
) -> list[DemoFile]:
    """Return the demo's eight files, generating them unless `folder` holds them already.

    Parameters
    ----------
    folder : Path or str, optional
        Where the files are kept; `cache_folder()` unless given.
    seed : int
        Master seed; every sample and data-taking period draws from its own stream spawned from it.
    progress : function, optional
        Called with the name of the sample about to be made and the fraction done; at the end with "" and 1.

    Returns
    -------
    list of DemoFile
        In the order of `SAMPLES`.

    Raises
    ------
    HzdslError
        `output-exists` if the folder or a file cannot be written.

    Notes
    -----
    The same seed gives the same columns, bit for bit, on one machine with one version of NumPy (its sine or
    logarithm may differ in the last bit elsewhere); `DemoFile.identity` tells.
    """
    target = cache_folder() if folder is None else Path(folder)
    report = progress or (lambda name, fraction: None)
    files = _cached(target, seed)
    if files is None:
        try:
            files = _generate(target, seed, report)
        except OSError as error:
            reason = error.strerror or str(error)
            raise HzdslError(
                "output-exists",
                f"the demo cannot be written to {target}: {reason}",
                fix="choose another folder, or set HZDSL_CACHE",
            ) from error
    report("", 1.0)
    return files


def _generate(folder: Path, seed: int, report: Progress) -> list[DemoFile]:
    """Write all files, then the manifest: a manifest stands only beside files that are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    work = [float(s.generated or 20_000) for s in SAMPLES]
    report(SAMPLES[0].name, 0.0)
    files: list[DemoFile] = []
    for i, (spec, stream, events) in enumerate(make_samples(seed)):
        path = folder / f"{spec.name}.root"
        write_events([events], path)
        files.append(DemoFile(spec.name, path, len(events), stream, path.stat().st_size, identity(events)))
        if i + 1 < len(SAMPLES):
            report(SAMPLES[i + 1].name, sum(work[: i + 1]) / sum(work))
    _write_manifest(folder, seed, files)
    return files


def _write_manifest(folder: Path, seed: int, files: list[DemoFile]) -> None:
    import numpy as np

    listed = [{key: value for key, value in asdict(f).items() if key != "path"} for f in files]
    document = {"generator": GENERATOR_VERSION, "seed": seed, "numpy": np.__version__, "files": listed}
    part = folder / f".{MANIFEST}.{os.getpid()}.part"
    part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    os.replace(part, folder / MANIFEST)


def _cached(folder: Path, seed: int) -> list[DemoFile] | None:
    """Return the files of a manifest that fits generator, seed and the sizes on disk; None otherwise."""
    try:
        document: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if (document["generator"], document["seed"]) != (GENERATOR_VERSION, seed):
            return None
        files = [DemoFile(path=folder / f"{row['name']}.root", **row) for row in document["files"]]
        whole = all(f.path.stat().st_size == f.size for f in files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if whole and [f.name for f in files] == [s.name for s in SAMPLES] else None
