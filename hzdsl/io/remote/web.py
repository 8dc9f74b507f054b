"""Ranges of bytes from a web server: every answer is exactly what was asked for, of the same version of the file.

Only the standard library. Anything else than the range that was asked for, of a file of the same length and entity
tag as at first, is an error, never other bytes.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.connections import Answer, Connections, status_text
from hzdsl.io.remote.credentials import find_token, known_credentials
from hzdsl.io.remote.transport import WEB, Patience, Piece, Range, TransientError, Version, coalesce

#: Answers that name another address; that are worth a repetition; that ask who the user is; that say that there is
#: nothing (any more).
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Redirections of one request, one after the other.
LONGEST_CHAIN = 10
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
UNAUTHORISED = frozenset({401, 403})
EXPIRED = frozenset({401, 403, 404, 410})  # where a redirection led earlier: ask for another one
GONE = frozenset({404, 410})
NO_RANGES_FIX = "fetch whole files from such servers with --download, or copy the file and give its path"


class WebFile:
    """One URL; see `hzdsl.io.remote.transport.Transport`.

    Parameters
    ----------
    url : str
        An `http://` or `https://` address.
    options : RemoteOptions
        Certificates, time limits and retries.
    """

    def __init__(self, url: str, options: RemoteOptions) -> None:
        self._url, self._options = url, options
        self._home = self._target = self._check_url(url)
        self._patience = Patience(url, options)
        self._connections = Connections(url, options)
        self._version = Version(url)
        self._lock = threading.Lock()
        self._first = b""
        self._tags: dict[str, str] = {}
        self._token: str | None = None

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return self._version.size or 0

    @property
    def bytes_fetched(self) -> int:
        """Bytes of content received so far."""
        return self._connections.bytes_fetched

    def open(self, length: int) -> bytes:
        """Learn the length of the file, and return its first bytes."""
        self._first = self._get(0, length)
        return self._first

    def groups(self, ranges: Sequence[Range]) -> list[list[Range]]:
        """Put near ranges together: what lies between them costs less than another request."""
        return coalesce(ranges)

    def fetch(self, group: Sequence[Range]) -> list[Piece]:
        """Fetch from the first byte of a group to its last."""
        first, last = group[0][0], max(stop for _, stop in group)
        if first >= last:
            return [b"" for _ in group]
        data = memoryview(self._get(first, last))
        return [data[start - first : stop - first] for start, stop in group]

    def close(self) -> None:
        """Close all connections."""
        self._patience.stop()
        self._connections.close()

    def _get(self, start: int, stop: int) -> bytes:
        return self._patience.persist(lambda: self._get_once(start, stop), self._start_over)

    def _start_over(self) -> None:
        """Ask the first server again: what a redirection named may be what failed."""
        self._target = self._home

    def _get_once(self, start: int, stop: int) -> bytes:
        target = self._target
        remembered = target != self._home
        for _ in range(LONGEST_CHAIN):
            token = self._token if self._may_see_token(target) else None
            answer = self._connections.ask(target, start, stop, token)
            if answer.status in REDIRECTS:
                target, remembered = self._follow(target, answer), False
            elif remembered and answer.status in EXPIRED:
                raise TransientError(status_text(answer.status))
            elif not (answer.status in UNAUTHORISED and self._found_token(target, token)):
                body = self._accept(answer, target, start, stop)
                self._target = target
                return body
        raise self._error(f"redirects more than {LONGEST_CHAIN} times")

    def _follow(self, target: SplitResult, answer: Answer) -> SplitResult:
        location = answer.headers.get("Location")
        if not location:
            raise self._error("redirects without saying where to")
        new = self._check_url(urljoin(target.geturl(), location))
        if target.scheme == "https" and new.scheme == "http" and not self._options.insecure:
            # a signed address is a secret: only the server is named
            raise self._error(f"redirects from https to http://{new.netloc}", "accept this with --insecure")
        return new

    def _may_see_token(self, target: SplitResult) -> bool:
        """A token is shown to the server that the user has named, over https, with a certificate that was checked."""
        home = (target.scheme, target.netloc) == (self._home.scheme, self._home.netloc)
        return home and target.scheme == "https" and not self._options.insecure

    def _found_token(self, target: SplitResult, shown: str | None) -> bool:
        """Whether there is a token that this server, which has asked for one, has not refused already."""
        if not self._may_see_token(target):
            return False
        token = find_token()
        if token is None or token.text == shown:
            return False
        self._token = token.text
        return True

    def _accept(self, answer: Answer, target: SplitResult, start: int, stop: int) -> bytes:
        """Return the bytes of an answer, if they are what was asked for."""
        status = answer.status
        if status in TRANSIENT:
            raise TransientError(status_text(status), answer.retry_after)
        if status in UNAUTHORISED:
            raise self._unauthorised(status, target)
        if status in GONE:
            vanished = "" if self._version.size is None else " any more"
            raise HzdslError("file-missing", f"there is no file {self._url}{vanished} ({status_text(status)})")
        coding = answer.headers.get("Content-Encoding", "identity")
        if status in (200, 206) and coding != "identity":
            raise self._error(f"sends it compressed by {coding}, though it was asked not to")
        if status == 200:
            return self._accept_whole(answer, target, start, stop)
        if status == 416:
            return self._nothing_there(answer)
        if status != 206:
            raise self._error(f"refused: {status_text(status)}")
        size = self._check_range(answer, start, stop)
        self._check_version(size, target, answer.tag)
        return answer.body

    def _accept_whole(self, answer: Answer, target: SplitResult, start: int, stop: int) -> bytes:
        if answer.whole is None:
            raise self._error("does not serve byte ranges", NO_RANGES_FIX)
        self._check_version(os.fstat(answer.whole.fileno()).st_size, target, answer.tag)
        return answer.part(start, stop)

    def _nothing_there(self, answer: Answer) -> bytes:
        """Return no bytes of an empty file; where there was more, say that it has been cut."""
        match = re.fullmatch(r"\s*bytes \*/(\d+)\s*", answer.headers.get("Content-Range", ""))
        if match is None or (self._version.size is None and int(match[1]) > 0):
            raise self._error(f"refused: {status_text(answer.status)}")
        self._version.check(int(match[1]))
        return b""

    def _check_range(self, answer: Answer, start: int, stop: int) -> int:
        text = answer.headers.get("Content-Range", "")
        match = re.fullmatch(r"\s*bytes (\d+)-(\d+)/(\d+)\s*", text)
        if match is None:
            raise self._error(f"does not say which bytes of how many it sent (Content-Range: {text!r})")
        first, last, size = (int(group) for group in match.groups())
        if (first, last + 1) != (start, min(stop, size)):
            self._version.check(size)  # of a file that was cut, the range is another one, too
            raise self._error(f"sent bytes {first}-{last} instead of {start}-{min(stop, size) - 1}")
        if len(answer.body) != last + 1 - first:
            raise TransientError(f"the connection ended after {len(answer.body)} of {last + 1 - first} bytes")
        return size

    def _check_version(self, size: int, target: SplitResult, tag: str) -> None:
        """Refuse to mix bytes of two versions; a server that was not asked before has to have the same first bytes.

        Replicas on several servers may have tags of their own.
        """
        with self._lock:
            known = self._tags.get(target.netloc)
            new_server = known is None and bool(self._tags)
            self._version.check(size, known is None or known == tag)
            self._tags[target.netloc] = tag
        if new_server and self._first:
            answer = self._connections.ask(target, 0, len(self._first), None)
            if answer.status in (200, 206):
                self._version.check(size, answer.part(0, len(self._first)) == self._first)
            else:
                raise TransientError(status_text(answer.status), answer.retry_after)

    def _unauthorised(self, status: int, target: SplitResult) -> HzdslError:
        if target.netloc != self._home.netloc:
            where = f"{target.netloc}, to which the server redirects, refused: {status_text(status)}"
            return HzdslError("remote", f"{self._url}: {where}", fix="ask the server's operators")
        if target.scheme == "http":
            what = f"refused: {status_text(status)}, and tokens are not sent over http"
            return self._error(what, "give an https:// address" if status == 401 else None)
        if self._options.insecure:
            what = f"refused: {status_text(status)}, and tokens are not sent with --insecure"
            return self._error(what, "give the server's authority with --ca-file FILE instead")
        state, fix = known_credentials()
        return self._error(f"refused: {status_text(status)}; {state}", fix)

    def _check_url(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as e:
            raise HzdslError("remote", f"{url} is not an address: {e}") from None
        if parts.scheme.lower() not in WEB:
            raise self._error(f"redirects to {parts.scheme}, which is neither http nor https")
        if not parts.hostname:
            raise self._error("names no server", "write https://server/path")
        return parts._replace(scheme=parts.scheme.lower(), fragment="")

    def _error(self, what: str, fix: str | None = None) -> HzdslError:
        return HzdslError("remote", f"{self._url}: the server {what}", fix=fix)
