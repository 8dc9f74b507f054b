"""Catalogues on disk: found by what a file begins with, believed where the file has the bytes that they come from.

So an entry can be useless, but never stale, and it serves every copy of a file, wherever that lies.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hzdsl.caches import Cache, Kind
from hzdsl.io.catalogue.facts import Catalogue, from_stored, to_stored
from hzdsl.io.catalogue.witness import is_there
from hzdsl.io.storage import Storage

#: A few kB for each file: those of many thousands. They are looked through once per MB written.
CATALOGUES = Kind("catalogue", "catalogues", ".catalogue", 250_000_000, unwatched=1_000_000)
#: The header of a ROOT file, its UUID included, has at most so many bytes.
_HEADER = 128
#: The files of hzdsl that decide what a catalogue says.
_DECIDING = ("branches.py", "layout.py", "rootfile.py", "source.py", "baskets/directory.py", "catalogue/*.py")
#: The files of libraries that say which version they are: `importlib.metadata` takes longer than opening a file.
_VERSIONS = {"uproot": "version.py", "awkward": "_version.py"}


def catalogue_cache() -> Cache:
    """Return the user's own cache."""
    return Cache(CATALOGUES)


class Asked(NamedTuple):
    """A tree as it was asked for: by name, or the one that is read by default (None)."""

    storage: Storage
    name: str | None
    key: str


def asked_for(storage: Storage, name: str | None) -> Asked:
    """Return a tree with its key: its file's beginning and length, the name asked for, and who describes trees."""
    told = f"{storage.size} {_describers()} {'' if name is None else '=' + name}"
    head = storage.read_at(0, _HEADER)
    return Asked(storage, name, hashlib.sha256(head + told.encode(errors="surrogateescape")).hexdigest())


def find(asked: Asked) -> Catalogue | None:
    """Return what is known of a tree, if the file has the bytes that it was told by."""
    stored = catalogue_cache().get(asked.key)
    if stored is None:
        return None
    found = from_stored(stored)
    try:
        return found if is_there(asked.storage, found.seen) else None
    except OSError:
        return None  # uproot will say so


def keep(asked: Asked, catalogue: Catalogue) -> None:
    """Keep what is known of a tree."""
    catalogue_cache().put(asked.key, to_stored(catalogue))


@cache
def _describers() -> str:
    """Return what changes with the versions of the libraries, and with the files of hzdsl, that describe trees."""
    here = Path(__file__).parents[1]
    files = [path for pattern in _DECIDING for path in sorted(here.glob(pattern))]
    told = [path.read_bytes() for path in files] + [_version(*x) for x in _VERSIONS.items()]
    return hashlib.sha256(b"".join(hashlib.sha256(x).digest() for x in told)).hexdigest()


def _version(library: str, file: str) -> bytes:
    """Return what says which version of a library it is."""
    spec = importlib.util.find_spec(library)
    if spec is not None and spec.origin is not None and (path := Path(spec.origin).with_name(file)).exists():
        return path.read_bytes()
    from importlib.metadata import version

    return version(library).encode()
