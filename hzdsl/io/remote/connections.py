"""Connections to web servers, kept and used again: one request, one answer."""

from __future__ import annotations

import email.utils
import http.client
import os
import shutil
import socket
import ssl
import tempfile
import threading
import time
from contextlib import suppress
from typing import IO
from urllib.parse import SplitResult, quote

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.tls import distrusted, refused, tls_context
from hzdsl.io.remote.transport import TransientError
from hzdsl.records import dataclass

#: Bytes of a body that nobody wants, such as the page of an error, up to which it is read to keep the connection.
SHORT = 16 * 1024
#: What is not to be encoded in a path with its query: signs that have a meaning there, and what is encoded already.
AS_WRITTEN = "%/?:@!$&'()*+,;=~-._"
#: Bytes of a whole file that are written at a time.
COPIED_AT_ONCE = 1 << 20
Connection = http.client.HTTPConnection


@dataclass(frozen=True)
class Answer:
    """One response: its bytes, or the `whole` file where a server gave that, and whole files are wanted."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes = b""
    whole: IO[bytes] | None = None

    @property
    def tag(self) -> str:
        """What tells versions of the file apart: the entity tag, else the time of its change."""
        return self.headers.get("ETag") or self.headers.get("Last-Modified") or ""

    def part(self, start: int, stop: int) -> bytes:
        """Return the bytes of the range that was asked for."""
        return self.body if self.whole is None else os.pread(self.whole.fileno(), stop - start, start)

    @property
    def retry_after(self) -> float | None:
        """How many seconds the server wants to be left alone, where it says so."""
        return retry_after(self.headers.get("Retry-After", ""), time.time())


class Connections:
    """The connections of one file; may be used from several threads."""

    def __init__(self, url: str, options: RemoteOptions) -> None:
        self._url, self._options = url, options
        self._idle: list[tuple[tuple[str, str], Connection]] = []
        self._busy: set[Connection] = set()
        self._whole: Answer | None = None
        self._closed = False
        self._lock = threading.Lock()
        self.bytes_fetched = 0

    def ask(self, target: SplitResult, start: int, stop: int, token: str | None) -> Answer:
        """Ask a server for a range.

        A connection that was idle may be stale: it is replaced at once.

        Raises
        ------
        TransientError
            Where there is no answer.
        HzdslError
            `remote` where the two do not trust each other.
        """
        if self._whole is not None:
            return self._whole
        while True:
            connection, fresh = self._take(target)
            try:
                return self._exchange(connection, target, start, stop, token)
            except ssl.SSLCertVerificationError as error:
                raise self._error(*distrusted(error)) from None
            except (socket.gaierror, UnicodeError) as error:
                if isinstance(error, UnicodeError) or error.errno == socket.EAI_NONAME:
                    raise self._error(f"there is no server called {target.hostname}", "check the address") from None
                raise TransientError(str(error)) from None
            except (OSError, http.client.HTTPException) as error:
                if isinstance(error, ssl.SSLError) and (said := refused(error)) is not None:
                    raise self._error(f"the server {said[0]}", said[1]) from None
                if fresh:
                    raise TransientError(_reason(error, self._options.timeout)) from None
            finally:
                self._give_back(target, connection)

    def close(self) -> None:
        """Close what is idle, and interrupt what is not: who waits for it fails now."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
            whole, self._whole = self._whole, None
        for _, connection in idle:
            connection.close()
        for connection in busy:
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        if whole is not None and whole.whole is not None:
            whole.whole.close()

    def _exchange(
        self, connection: Connection, target: SplitResult, start: int, stop: int, token: str | None
    ) -> Answer:
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity", "User-Agent": "hzdsl"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        path = quote((target.path or "/") + (f"?{target.query}" if target.query else ""), safe=AS_WRITTEN)
        sent = False
        try:
            try:
                connection.request("GET", path, headers=headers)
            except OSError:
                _hear(connection)
                raise
            response = connection.getresponse()
            if response.status == 200 and self._options.download:
                return self._save(response)
            # never more than was asked for: a server that ignores the range sends the whole file
            body = response.read(stop - start if response.status == 206 else _little(response))
            sent = response.isclosed()
        finally:
            if not sent:
                connection.close()
        with self._lock:
            self.bytes_fetched += len(body) if response.status == 206 else 0
        return Answer(response.status, response.headers, body)

    def _save(self, response: http.client.HTTPResponse) -> Answer:
        """Write a whole body into a file without a name, which is gone when it is closed."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the connections
        try:
            shutil.copyfileobj(response, file, COPIED_AT_ONCE)
            file.flush()
            length = response.headers.get("Content-Length", "")
            if length.isdecimal() and int(length) != file.tell():
                raise TransientError(f"the connection ended after {file.tell()} of {length} bytes")
        except BaseException:
            file.close()
            raise
        answer = Answer(response.status, response.headers, whole=file)
        with self._lock:
            self.bytes_fetched += file.tell()
            self._whole = answer
        return answer

    def _take(self, target: SplitResult) -> tuple[Connection, bool]:
        """Return a connection, and whether it is new."""
        key = (target.scheme, target.netloc)
        with self._lock:
            for number, (place, connection) in enumerate(self._idle):
                if place == key:
                    del self._idle[number]
                    self._busy.add(connection)
                    return connection, False
        connection = self._connection(target)
        with self._lock:
            self._busy.add(connection)
        return connection, True

    def _connection(self, target: SplitResult) -> Connection:
        host, timeout = target.hostname or "", self._options.timeout
        if target.scheme == "http":
            return Connection(host, target.port, timeout=timeout)
        return http.client.HTTPSConnection(host, target.port, timeout=timeout, context=tls_context(self._options))

    def _give_back(self, target: SplitResult, connection: Connection) -> None:
        """Keep a connection that is still open."""
        with self._lock:
            self._busy.discard(connection)
            if self._closed:
                connection.close()
            elif connection.sock is not None:
                self._idle.append(((target.scheme, target.netloc), connection))

    def _error(self, what: str, fix: str | None = None) -> HzdslError:
        return HzdslError("remote", f"{self._url}: {what}", fix=fix)


def status_text(code: int) -> str:
    """Return a status with its name.

    Examples
    --------
    >>> status_text(503)
    '503 Service Unavailable'
    """
    return f"{code} {http.client.responses.get(code, '')}".strip()


def retry_after(text: str, now: float) -> float | None:
    """Return how many seconds are to be waited: the header has seconds or a date.

    Examples
    --------
    >>> retry_after("2", 0.0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20.0), retry_after("soon", 0.0)
    (2.0, 40.0, None)
    """
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None


def _little(response: http.client.HTTPResponse) -> int:
    """Return the length of a body that nobody wants, if it is short enough to be read for the connection's sake."""
    return response.length if response.length is not None and response.length <= SHORT else 0


def _hear(connection: Connection) -> None:
    """Raise what a server said before it hung up: one of TLS 1.3 refuses a certificate when the handshake is over."""
    try:
        if connection.sock is not None:
            connection.sock.settimeout(0)
            connection.sock.recv(1)
    except OSError as error:
        if isinstance(error, ssl.SSLError) and refused(error) is not None:
            raise


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    return str(error) or type(error).__name__
