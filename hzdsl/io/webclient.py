"""Ranges of bytes from a web server: connections, redirections, repetitions, certificates.

Only the standard library. Every answer is checked to be exactly the range that was asked for, of a file of
the same length (and entity tag) as at first: anything else is an error, never other bytes.
"""

from __future__ import annotations

import http.client
import re
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_CHAIN = 10
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
EXPIRED = frozenset({401, 403, 404, 410})  # where a redirection led earlier: ask for another one
GONE = frozenset({404, 410})
LONGEST_WAIT = 10.0
CERTIFICATE_FIX = "give the authority that signed it with --ca-file FILE, or accept any with --insecure"


class TransientError(Exception):
    """A failure worth another attempt."""


@dataclass(frozen=True)
class Answer:
    """One response to a range request."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class RangeClient:
    """Fetch ranges of one URL; may be called from several threads.

    Parameters
    ----------
    url : str
        An `http://` or `https://` address.
    options : RemoteOptions
        Certificates, time limits and retries.
    """

    def __init__(self, url: str, options: RemoteOptions) -> None:
        self._url, self._options = url, options
        self._target = self._check_url(url)
        self._tls = _tls_context(options) if options.ca_file or self._target.scheme == "https" else None
        self._idle: list[tuple[tuple[str, str], http.client.HTTPConnection]] = []
        self._lock = threading.Lock()
        self._size: int | None = None
        self._tags: dict[str, str] = {}
        self.bytes_fetched = 0

    def first(self, length: int) -> tuple[int, bytes]:
        """Fetch the first bytes and learn the length of the file.

        Returns
        -------
        size : int
            Length of the file in bytes.
        data : bytes
            Its first `length` bytes, fewer if it is shorter.
        """
        return self._persist(0, length)

    def fetch(self, start: int, stop: int) -> bytes:
        """Fetch the bytes from `start` up to, not including, `stop`."""
        return self._persist(start, stop)[1] if start < stop else b""

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _persist(self, start: int, stop: int) -> tuple[int, bytes]:
        """Fetch a range, repeating what may have failed by chance after longer and longer waits."""
        wait = self._options.backoff
        for attempt in range(self._options.retries + 1):
            try:
                return self._fetch_once(start, stop)
            except TransientError as error:
                reason = str(error)
            self._target = urlsplit(self._url)  # what a redirection named may be what failed
            if attempt < self._options.retries:
                time.sleep(min(wait, LONGEST_WAIT))
                wait *= 2
        raise self._error(f"failed {self._options.retries + 1} times, at last with: {reason}")

    def _fetch_once(self, start: int, stop: int) -> tuple[int, bytes]:
        target = self._target
        remembered = target != urlsplit(self._url)
        for _ in range(LONGEST_CHAIN):
            answer = self._request(target, start, stop)
            if answer.status not in REDIRECTS:
                if remembered and answer.status in EXPIRED:
                    raise TransientError(_status(answer.status))
                self._target = target
                return self._accept(answer, target.netloc, start, stop)
            target, remembered = self._follow(target, answer), False
        raise self._error(f"redirects more than {LONGEST_CHAIN} times")

    def _follow(self, target: SplitResult, answer: Answer) -> SplitResult:
        location = answer.headers.get("Location")
        if not location:
            raise self._error("redirects without saying where to")
        new = self._check_url(urljoin(target.geturl(), location))
        if target.scheme == "https" and new.scheme == "http" and not self._options.insecure:
            raise self._error(f"redirects from https to {new.geturl()}", "accept this with --insecure")
        return new

    def _request(self, target: SplitResult, start: int, stop: int) -> Answer:
        """Send one request, over an idle connection if there is one; a stale one is replaced at once."""
        while True:
            connection, fresh = self._take(target)
            try:
                answer = self._exchange(connection, target, start, stop)
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise self._error(f"its certificate is not trusted ({error.verify_message})", CERTIFICATE_FIX) from None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if fresh:
                    raise TransientError(_reason(error, self._options.timeout)) from None
                continue
            if connection.sock is not None:
                with self._lock:
                    self._idle.append(((target.scheme, target.netloc), connection))
            return answer

    def _exchange(self, connection: http.client.HTTPConnection, target: SplitResult, start: int, stop: int) -> Answer:
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity", "User-Agent": "hzdsl"}
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        # never more than was asked for: a server that ignores the range sends the whole file
        body = response.read(stop - start if response.status == 206 else 0)
        if not response.isclosed():
            connection.close()
        with self._lock:
            self.bytes_fetched += len(body) if response.status == 206 else 0
        return Answer(response.status, response.headers, body)

    def _take(self, target: SplitResult) -> tuple[http.client.HTTPConnection, bool]:
        key = (target.scheme, target.netloc)
        with self._lock:
            for number, (place, connection) in enumerate(self._idle):
                if place == key:
                    del self._idle[number]
                    return connection, False
        host, timeout = target.hostname or "", self._options.timeout
        if target.scheme == "http":
            return http.client.HTTPConnection(host, target.port, timeout=timeout), True
        context = self._tls or _tls_context(self._options)
        return http.client.HTTPSConnection(host, target.port, timeout=timeout, context=context), True

    def _accept(self, answer: Answer, server: str, start: int, stop: int) -> tuple[int, bytes]:
        """Return (length of the file, bytes) of an answer, if it is what was asked for."""
        if answer.status in TRANSIENT:
            raise TransientError(_status(answer.status))
        if answer.status in GONE:
            raise HzdslError("file-missing", f"there is no file {self._url} ({_status(answer.status)})")
        if answer.status == 200:
            raise self._error("does not serve byte ranges", "download the file and give its path")
        if answer.status == 416 and answer.headers.get("Content-Range", "").strip() == "bytes */0":
            return 0, b""
        if answer.status != 206:
            raise self._error(f"refused: {_status(answer.status)}")
        size = self._check_range(answer, start, stop)
        self._check_version(size, server, answer.headers.get("ETag", ""))
        return size, answer.body

    def _check_range(self, answer: Answer, start: int, stop: int) -> int:
        text = answer.headers.get("Content-Range", "")
        match = re.fullmatch(r"\s*bytes (\d+)-(\d+)/(\d+)\s*", text)
        if match is None:
            raise self._error(f"does not say which bytes of how many it sent (Content-Range: {text!r})")
        first, last, size = (int(group) for group in match.groups())
        if (first, last + 1) != (start, min(stop, size)):
            raise self._error(f"sent bytes {first}-{last} instead of {start}-{min(stop, size) - 1}")
        if len(answer.body) != last + 1 - first:
            raise TransientError(f"the connection ended after {len(answer.body)} of {last + 1 - first} bytes")
        return size

    def _check_version(self, size: int, server: str, tag: str) -> None:
        """Refuse to mix bytes of two versions of a file; its replicas elsewhere may have other tags."""
        with self._lock:
            self._size = size if self._size is None else self._size
            same = size == self._size and tag == self._tags.setdefault(server, tag)
        if not same:
            raise self._error("changed the file while it was read", "run again")

    def _check_url(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
        except ValueError as e:
            raise HzdslError("remote", f"{url} is not an address: {e}") from None
        if parts.scheme.lower() not in ("http", "https"):
            raise HzdslError(
                "remote",
                f"{self._url}: files are read over http and https, not over {parts.scheme}",
                fix="give an http(s):// address of the file, or copy it and give its path",
            )
        if not parts.hostname:
            raise self._error("names no server", "write https://server/path")
        return parts._replace(scheme=parts.scheme.lower(), fragment="")

    def _error(self, what: str, fix: str | None = None) -> HzdslError:
        return HzdslError("remote", f"{self._url}: the server {what}", fix=fix)


def _tls_context(options: RemoteOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except ssl.SSLError:
        raise HzdslError("file-format", f"--ca-file {options.ca_file} is not a PEM file of certificates") from None
    except OSError as error:
        raise HzdslError("file-missing", f"--ca-file {options.ca_file} cannot be read ({error.strerror})") from None
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _status(code: int) -> str:
    return f"{code} {http.client.responses.get(code, '')}".strip()


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    return str(error) or type(error).__name__
