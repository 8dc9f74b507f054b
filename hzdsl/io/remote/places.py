"""The same file at several places: where one fails, the next one takes over."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.transport import WEB, XROOTD, Piece, Range, Transport

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://[^/?#]*([^?#]*)")
#: What may be otherwise at another place.
_ELSEWHERE = frozenset({"remote", "file-missing", "file-truncated", "library-missing"})


class Places:
    """One file, read from the first of several URLs that works; may be used from several threads.

    When a place fails in the middle, the next one goes on with the same file: one of the same size and of the same
    first bytes, in which a ROOT file has its UUID.
    """

    def __init__(self, path: str, urls: Iterable[str], options: RemoteOptions) -> None:
        self._path, self._options = path, options
        self._left = list(urls)
        self._errors: dict[str, HzdslError] = {}
        self._served: list[str] = []
        self._url = path
        self._current: Transport | None = None
        self._tried: Transport | None = None  # the last that was tried
        self._left_behind = 0  # bytes fetched from places that have failed
        self._first: bytes | None = None
        self._size = 0
        self._closed = False
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return self._size

    @property
    def bytes_fetched(self) -> int:
        """Bytes of content received so far, from all places."""
        return self._left_behind + (0 if self._current is None else self._current.bytes_fetched)

    @property
    def served_by(self) -> tuple[str, ...]:
        """The URLs that bytes have come from."""
        return tuple(self._served)

    @property
    def failures(self) -> tuple[str, ...]:
        """What was wrong with the places that failed."""
        return tuple(e.message for e in list(self._errors.values()))

    def open(self, length: int) -> bytes:
        """Find the first place that has the file, and return its first `length` bytes.

        Raises
        ------
        HzdslError
            That of the only place; `file-missing` where none of several has it, else `remote`.
        """
        with self._lock:
            return self._open_next(length)

    def groups(self, ranges: Sequence[Range]) -> list[list[Range]]:
        """Divide sorted ranges into those that travel together."""
        return self._here().groups(ranges)

    def fetch(self, group: Sequence[Range]) -> list[Piece]:
        """Fetch some ranges from the current place, or from the next ones where it fails."""
        while True:
            current = self._here()
            try:
                return [piece for part in current.groups(group) for piece in current.fetch(part)]
            except HzdslError as error:
                if error.code not in _ELSEWHERE:
                    raise
                self._move_on(current, error)

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        for transport in (self._current, self._tried):
            if transport is not None:
                transport.close()

    def _here(self) -> Transport:
        if self._current is None:
            raise ValueError("not open")
        return self._current

    def _move_on(self, failed: Transport, error: HzdslError) -> None:
        """Open the next place, unless another thread has done so already.

        Where there is none, the last one stays: it may work when it is tried again.
        """
        with self._lock:
            if self._current is not failed:
                return
            self._errors[self._url] = error
            if self._closed:
                raise error
            self._open_next(len(self._first or b""))

    def _open_next(self, length: int) -> bytes:
        while self._left:
            url = self._left.pop(0)
            try:
                return self._try(url, length)
            except HzdslError as error:
                if error.code not in _ELSEWHERE:
                    raise
                self._errors[url] = error
        raise self._failed()

    def _try(self, url: str, length: int) -> bytes:
        """Make a place the current one, if it has the file."""
        new = self._tried = transport_of(url, self._patient())
        try:
            if self._closed:
                raise HzdslError("remote", f"{self._path} was closed while it was read")
            first = new.open(length)
            if self._first is not None and (new.size, first) != (self._size, self._first):
                raise HzdslError("remote", f"{url} is not the file that was read before", fix="run again")
        except BaseException:
            self._left_behind += new.bytes_fetched
            new.close()
            raise
        if self._current is not None:
            self._left_behind += self._current.bytes_fetched
            self._current.close()
        self._first, self._size = first, new.size
        self._current, self._url = new, url
        self._served.append(url)
        return first

    def _patient(self) -> RemoteOptions:
        """Where there is another place, one repetition has to do."""
        return replace(self._options, retries=min(self._options.retries, 1)) if self._left else self._options

    def _failed(self) -> HzdslError:
        """Return the error of the only place, or one that says what was wrong with each."""
        errors = list(self._errors.values())
        if len(errors) == 1:
            return errors[0]
        code = errors[0].code if len({e.code for e in errors}) == 1 else "remote"
        reasons = "; ".join(e.message for e in errors)
        what = f"{self._path} cannot be read at any of {len(errors)} places: {reasons}"
        return HzdslError(code, what, fix=errors[-1].fix)


def transport_of(url: str, options: RemoteOptions) -> Transport:
    """Return what fetches bytes of a URL.

    Raises
    ------
    HzdslError
        `remote` for schemes that are not read; `library-missing` for those that need a package that is not there.
    """
    scheme = url.split(":", 1)[0].lower()
    if scheme in WEB:
        from hzdsl.io.remote.web import WebFile

        return WebFile(url, options)
    if scheme in XROOTD:
        from hzdsl.io.remote.xrootd import XRootDFile

        return XRootDFile(url, options)
    raise HzdslError(
        "remote",
        f"{url}: files are read over http, https and root, not over {scheme}",
        fix="give an http(s):// or root:// address of the file, or copy it and give its path",
    )


def places_of(path: str, options: RemoteOptions) -> list[str]:
    """Return the URLs at which a file is sought, in order: a URL itself first, then its path at every redirector.

    What follows the path (`?…`) is not taken along: it may be a secret between the user and one server.

    Examples
    --------
    >>> options = RemoteOptions(redirectors=("root://all.example.org/", "https://web.example.org/base"))
    >>> for place in places_of("root://near.example.org//store/a.root", options):
    ...     print(place)
    root://near.example.org//store/a.root
    root://all.example.org//store/a.root
    https://web.example.org/base/store/a.root
    >>> places_of("/store/a.root", options)
    ['root://all.example.org//store/a.root', 'https://web.example.org/base/store/a.root']
    """
    match = _URL.match(path)
    name = path if match is None else "/" + match[2].lstrip("/")
    others = [_joined(redirector, name) for redirector in options.redirectors]
    return list(dict.fromkeys([*([] if match is None else [path]), *others]))


def _joined(redirector: str, path: str) -> str:
    """Return the address of a path at a redirector; XRootD's have a second slash before an absolute path."""
    match = _URL.fullmatch(redirector)
    if match is None:
        what = f"the redirector {redirector} is not an address"
        raise HzdslError("remote", what, fix="write root://server/ or https://server/path/")
    base = redirector.rstrip("/")
    return f"{base}/{path}" if match[1].lower() in XROOTD and not match[2].strip("/") else base + path
