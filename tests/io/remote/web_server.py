"""A small web server of byte ranges on loopback, which can be told to misbehave."""

from __future__ import annotations

import os
import random
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.file import RemoteFile

#: Patience enough for a server of this machine.
QUICK = RemoteOptions(timeout=5, backoff=0.01)
#: What a server does by chance where it is told to, and how often.
MISHAPS = {"fine": 6, "500": 1, "503": 1, "cut": 2, "hang up": 1}


def opened(url, options=QUICK):
    """Return a URL as a file object."""
    return RemoteFile(url, [url], options)


@dataclass
class Served(os.PathLike):
    """What `serve` yields: use it as a string (`f"{server}/a.root"`), or read what was asked of it."""

    url: str
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # (path, Range header)
    tokens: list[str | None] = field(default_factory=list)  # the Authorization header of each request
    bytes_sent: int = 0
    forbid_next: int = 0  # answer that many further requests with 403
    stall_next: int = 0  # let that many further requests wait
    gone: bool = False  # answer all further requests with 404
    broken: bool = False  # answer all further requests with 500
    behaviour: Behaviour | None = None

    def __str__(self):
        return self.url

    def __fspath__(self):
        return self.url

    def at(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.url}{path}"


@dataclass
class Behaviour:
    """How a server behaves.

    Attributes
    ----------
    fail_first, status, retry_after
        Answer that many requests with this status first, and this header.
    stall_first, stall_seconds
        Let that many requests wait, then hang up on them.
    cut_first, freeze_first
        Hang up, or say nothing more for `stall_seconds`, in the middle of that many bodies.
    ranges
        False: answer range requests with 200 and the whole file, as many servers do.
    redirect
        Answer every path not below `/moved/` with 302 to what this gives for it.
    new_tag_after
        Change the ETag after that many requests, as if the file had been replaced.
    tags
        False: no ETag but the time of the last change.
    coding
        The Content-Encoding that it says.
    shift
        Send bytes from so many before those asked for, and say so.
    token
        Answer 401 to whoever does not show this token.
    latency
        Seconds before every answer.
    chance
        Do by chance one of `MISHAPS` at each request.
    """

    directory: Path
    served: Served
    fail_first: int = 0
    status: int = 500
    retry_after: str | None = None
    stall_first: int = 0
    stall_seconds: float = 1.0
    cut_first: int = 0
    freeze_first: int = 0
    ranges: bool = True
    redirect: Callable[[str], str] | None = None
    new_tag_after: int | None = None
    tags: bool = True
    coding: str | None = None
    shift: int = 0
    token: str | None = None
    latency: float = 0.0
    chance: random.Random | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, counter: str) -> bool:
        """Count one switch down and say whether it still applied."""
        with self.lock:
            left = getattr(self, counter)
            if left > 0:
                setattr(self, counter, left - 1)
            return left > 0

    def mishap(self) -> str:
        with self.lock:
            return "fine" if self.chance is None else self.chance.choices([*MISHAPS], [*MISHAPS.values()])[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    behaviour: Behaviour

    def log_message(self, *_):
        pass

    def do_GET(self):
        b = self.behaviour
        with b.lock:
            b.served.requests.append((self.path, self.headers.get("Range")))
            b.served.tokens.append(self.headers.get("Authorization"))
        time.sleep(b.latency)
        self.mishap = b.mishap()
        if b.take("stall_first") or b.served.stall_next > 0:
            b.served.stall_next -= b.served.stall_next > 0
            time.sleep(b.stall_seconds)
            self.close_connection = True
        elif self.mishap == "hang up":
            self.close_connection = True
        elif b.served.gone:
            self._send(404, b"gone")
        elif self.mishap in ("500", "503") or b.served.broken:
            self._send(503 if self.mishap == "503" else 500, b"by chance")
        elif b.take("fail_first"):
            self._send(b.status, b"sorry", **({"Retry-After": b.retry_after} if b.retry_after else {}))
        elif b.served.forbid_next > 0:
            b.served.forbid_next -= 1
            self._send(403, b"expired")
        elif b.token is not None and self.headers.get("Authorization") != f"Bearer {b.token}":
            self._send(401, b"who are you?")
        elif b.redirect is not None and not self.path.startswith("/moved/"):
            self._send(302, b"", Location=b.redirect(self.path))
        else:
            self._send_file(b, urlsplit(self.path).path.removeprefix("/moved"))

    def _send_file(self, b: Behaviour, path: str) -> None:
        file = b.directory / unquote(path).lstrip("/")
        if not file.is_file():
            return self._send(404, b"no such file")
        size = file.stat().st_size
        late = b.new_tag_after is not None and len(b.served.requests) > b.new_tag_after
        tag = f'"{file.stat().st_mtime_ns}{"-new" if late else ""}"'
        version = {"ETag": tag} if b.tags else {"Last-Modified": tag}
        version |= {"Content-Encoding": b.coding} if b.coding else {}
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not b.ranges or match is None:
            return self._send(200, file.read_bytes(), **version)
        start, stop = int(match[1]), min(int(match[2]) + 1, size)
        if start >= size:
            return self._send(416, b"", **{"Content-Range": f"bytes */{size}"})
        start, stop = (start - b.shift, stop - b.shift) if start >= b.shift else (start, stop)
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{size}", **version}
        with file.open("rb") as opened:
            opened.seek(start)
            return self._send(206, opened.read(stop - start), **headers)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        b = self.behaviour
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status in (200, 206) and (self.mishap == "cut" or b.take("cut_first")):
            body, self.close_connection = body[: len(body) // 2], True
        freezes = status == 206 and b.take("freeze_first")
        body = body[: len(body) // 2] if freezes else body
        with b.lock:
            b.served.bytes_sent += len(body)
        try:
            self.wfile.write(body)
        except OSError:  # the client has hung up, as it should on a 200
            self.close_connection = True
        if freezes:
            time.sleep(b.stall_seconds)
            self.close_connection = True


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    connections: list[socket.socket]

    def process_request(self, request, client_address):
        self.connections.append(request)
        super().process_request(request, client_address)

    def hang_up(self):
        """End all connections, as when a server is gone."""
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        pass  # clients that refuse a certificate or hang up


@contextmanager
def serve(directory: str | os.PathLike[str], *, tls: ssl.SSLContext | None = None, **behaviour) -> Iterator[Served]:
    """Serve the files of a directory on loopback; see `Behaviour` for how.

    Parameters
    ----------
    directory
        Its files are served under their names.
    tls
        Serve https, as `tests.io.remote.authority` says.

    Yields
    ------
    Served
        Its string is the base URL, such as `http://127.0.0.1:34567`.
    """
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.connections = []
    served = Served(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}")
    if tls:
        # the handshake is left to the thread of the connection, so that a bad client cannot block the others
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    served.behaviour = Behaviour(Path(directory), served, **behaviour)
    server.RequestHandlerClass = type("BoundHandler", (Handler,), {"behaviour": served.behaviour})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()
