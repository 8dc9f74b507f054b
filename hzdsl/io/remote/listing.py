"""Which files of an XRootD server a pattern stands for.

Through the client itself: fsspec-xrootd's `glob` leaves out what it cannot list (0.5.5), so that a server's failure
would look like a sample of fewer files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.transport import XROOTD, Patience

_PATTERN = re.compile(rf"((?:{'|'.join(XROOTD)})://[^/]+/)(/[^?]*[*\[][^?]*)", re.IGNORECASE)


class Entry(NamedTuple):
    """What a folder of a server holds."""

    name: str
    is_folder: bool


Listing = Callable[[str], list[Entry]]


def is_remote_pattern(url: str) -> bool:
    """Return whether a URL stands for the files that it matches; a `?` begins the query of a URL, it is no pattern.

    Examples
    --------
    >>> [is_remote_pattern(f"{place}/a*.root") for place in ("root://host//data", "https://host/data", "/data")]
    [True, False, False]
    """
    return _PATTERN.fullmatch(url) is not None


def matching(url: str, options: RemoteOptions) -> list[str]:
    """Return the URLs of the files that a pattern (``*``, ``[…]``, ``**``) stands for, sorted.

    Raises
    ------
    HzdslError
        `no-files` where there is none, `remote`, `library-missing`.
    """
    match = _PATTERN.fullmatch(url)
    assert match is not None
    server, path = match.groups()
    names = set(matches(_listing(server, url, options), "", path.strip("/").split("/")))
    if not names:
        raise HzdslError("no-files", f"no file matches {url}", fix="check the pattern and the folder")
    return [server + name for name in sorted(names)]


def _listing(server: str, url: str, options: RemoteOptions) -> Listing:
    """Return a function that lists a folder; one that is not there is empty."""
    from hzdsl.io.remote.xrootd_client import NOT_FOUND, SAID_BY_SERVER, check_status, import_client, set_up_client

    timeout = max(1, math.ceil(options.timeout))
    client, patience = import_client(url), Patience(url, options)
    set_up_client(timeout)
    from XRootD.client.flags import DirListFlags, StatInfoFlags

    system = client.FileSystem(server)

    def once(folder: str) -> list[Entry]:
        status, found = system.dirlist(folder or "/", DirListFlags.STAT, timeout=timeout)
        if not status.ok and status.code == SAID_BY_SERVER and status.errno == NOT_FOUND:
            return []
        check_status(status, url, timeout)
        return [Entry(e.name, e.statinfo is not None and bool(e.statinfo.flags & StatInfoFlags.IS_DIR)) for e in found]

    return lambda folder: patience.persist(lambda: once(folder))


def matches(listing: Listing, folder: str, parts: list[str]) -> Iterator[str]:
    """Yield the paths of the files below a folder that the parts of a pattern match.

    Examples
    --------
    >>> tree = {"": [Entry("data", True)], "/data": [Entry("a.root", False), Entry("b.txt", False), Entry("old", True)]}
    >>> tree["/data/old"] = [Entry("c.root", False)]
    >>> list(matches(tree.__getitem__, "", ["data", "*.root"])), list(matches(tree.__getitem__, "", ["**", "c.root"]))
    (['/data/a.root'], ['/data/old/c.root'])
    """
    first, *rest = parts
    if first == "**":  # no folder, or any number of them
        yield from matches(listing, folder, rest or ["*"])
        for entry in listing(folder):
            if entry.is_folder:
                yield from matches(listing, f"{folder}/{entry.name}", parts)
    elif rest and not any(sign in first for sign in "*["):
        yield from matches(listing, f"{folder}/{first}", rest)
    else:
        for entry in listing(folder):
            if fnmatchcase(entry.name, first) and entry.is_folder == bool(rest):
                path = f"{folder}/{entry.name}"
                yield from matches(listing, path, rest) if rest else (path,)
