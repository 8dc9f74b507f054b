"""What made a result: versions, backend, the machine's arithmetic, the inputs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from contextlib import suppress

from hzdsl.results.result import InputFile

_PACKAGES = {
    "interpret": ("numpy", "numexpr", "awkward", "boost-histogram"),
    "codegen": ("numpy", "llvmlite"),
}
_LEVELS = {
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    "x86-64-v3": ("avx2", "bmi2", "fma"),
    "x86-64-v2": ("sse4_2", "popcnt"),
}


def provenance(backend: str, inputs: Iterable[InputFile], max_events: int | None = None) -> dict[str, object]:
    """Return what is recorded with every result. Nothing in it depends on threads, chunks or the time of day.

    The C library and the level of the CPU are there because they decide the last bit of sines and logarithms.
    """
    record: dict[str, object] = {
        "hzdsl": _version("hzdsl"),
        "backend": backend,
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": {name: _version(name) for name in (*_PACKAGES.get(backend, ("numpy",)), "uproot")},
        "libc": "-".join(platform.libc_ver()) or platform.system(),
        "cpu": cpu_level(),
        "inputs": [
            {"sample": i.sample, "path": i.path, "tree": i.tree, "entries": i.entries, "uuid": i.identity}
            for i in inputs
        ],
    }
    if max_events is not None:
        record["max_events"] = max_events
    return record


def _version(package: str) -> str:
    if package == "hzdsl":
        from hzdsl.version import __version__

        return __version__
    imported = sys.modules.get(package.replace("-", "_"))
    if imported is not None and hasattr(imported, "__version__"):
        return str(imported.__version__)
    found = _written(package)
    if found is not None:
        return found
    from importlib.metadata import PackageNotFoundError, version  # slower than the run of a small file

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _written(package: str) -> str | None:
    """Return the version that is written beside an installed package, as `importlib.metadata` reads it, or None.

    Examples
    --------
    >>> from importlib.metadata import version
    >>> _written("boost-histogram") == version("boost-histogram"), _written("no-such-package")
    (True, None)
    """
    name = package.replace("-", "_").lower() + "-"
    for folder in sys.path:
        with suppress(OSError):
            for found in os.listdir(folder or "."):
                if found.lower().startswith(name) and found.endswith(".dist-info"):
                    return _stated(os.path.join(folder, found, "METADATA"))
    return None


def _stated(path: str) -> str | None:
    """Return the version in the head of the metadata of a package."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.lower() == "version":
                return value.strip()
            if not line.strip():  # the description begins
                return None
    return None


def cpu_level() -> str:
    """Return the level of the instruction set, as glibc distinguishes it, or the machine's name."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = next((set(line.split()) for line in file if line.startswith("flags")), set())
    except OSError:
        flags = set()
    return next((level for level, needed in _LEVELS.items() if flags.issuperset(needed)), platform.machine())
