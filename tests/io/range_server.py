"""A small web server of byte ranges on loopback, which can be told to misbehave."""

from __future__ import annotations

import os
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Served(os.PathLike):
    """What `serve` yields: use it as a string (`f"{server}/a.root"`), or read what was asked of it."""

    url: str
    ca_file: str | None = None
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # (path, Range header)
    bytes_sent: int = 0
    forbid_next: int = 0  # answer that many further requests with 403
    stall_next: int = 0  # let that many further requests wait

    def __str__(self):
        return self.url

    def __fspath__(self):
        return self.url


@dataclass
class Behaviour:
    directory: Path
    fail_first: int
    status: int
    stall_first: int
    stall_seconds: float
    cut_first: int
    ranges: bool
    redirect: str | None
    new_tag_after: int | None
    served: Served
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, counter: str) -> bool:
        """Count one switch down and say whether it still applied."""
        with self.lock:
            left = getattr(self, counter)
            if left > 0:
                setattr(self, counter, left - 1)
            return left > 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def log_message(self, *_):
        pass

    def do_GET(self):
        b = self.behaviour
        with b.lock:
            b.served.requests.append((self.path, self.headers.get("Range")))
        if b.take("stall_first") or b.served.stall_next > 0:
            b.served.stall_next -= b.served.stall_next > 0
            time.sleep(b.stall_seconds)
            self.close_connection = True
        elif b.take("fail_first"):
            self._send(b.status, b"sorry")
        elif b.served.forbid_next > 0:
            b.served.forbid_next -= 1
            self._send(403, b"expired")
        elif b.redirect is not None and not self.path.startswith("/moved/"):
            self._send(302, b"", Location=b.redirect.format(path=self.path))
        else:
            self._send_file(b, urlsplit(self.path).path.removeprefix("/moved"))

    def _send_file(self, b: Behaviour, path: str) -> None:
        file = b.directory / unquote(path).lstrip("/")
        if not file.is_file():
            return self._send(404, b"no such file")
        data = file.read_bytes()
        late = b.new_tag_after is not None and len(b.served.requests) > b.new_tag_after
        tag = f'"{file.stat().st_mtime_ns}{"-new" if late else ""}"'
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not b.ranges or match is None:
            return self._send(200, data, ETag=tag)
        start, stop = int(match[1]), min(int(match[2]) + 1, len(data))
        if start >= len(data):
            return self._send(416, b"", **{"Content-Range": f"bytes */{len(data)}"})
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}", "ETag": tag}
        return self._send(206, data[start:stop], **headers)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        b = self.behaviour
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status == 206 and b.take("cut_first"):
            body, self.close_connection = body[: len(body) // 2], True
        try:
            self.wfile.write(body)
        except OSError:  # the client has hung up, as it should on a 200
            self.close_connection = True
        with b.lock:
            b.served.bytes_sent += len(body)


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass  # clients that refuse a certificate or hang up


@contextmanager
def serve(
    directory: str | os.PathLike[str],
    *,
    tls: bool | str = False,
    fail_first: int = 0,
    status: int = 500,
    stall_first: int = 0,
    stall_seconds: float = 1.0,
    cut_first: int = 0,
    ranges: bool = True,
    redirect: str | None = None,
    new_tag_after: int | None = None,
) -> Iterator[Served]:
    """Serve the files of a directory on loopback.

    Parameters
    ----------
    directory
        Its files are served under their names.
    tls
        Serve https with a certificate of a made-up authority, whose PEM file is `ca_file` of what is yielded.
        A string is the name that the certificate is made out to, instead of the server's own.
    fail_first, status
        Answer that many requests with this status first.
    stall_first, stall_seconds
        Let that many requests wait, then hang up on them.
    cut_first
        Hang up in the middle of that many bodies.
    ranges
        False: answer range requests with 200 and the whole file, as many servers do.
    redirect
        Answer every path not below `/moved/` with 302 to this URL; `{path}` stands for the path asked for.
    new_tag_after
        Change the ETag after that many requests, as if the file had been replaced.

    Yields
    ------
    Served
        Its string is the base URL, such as `http://127.0.0.1:34567`.
    """
    server = QuietServer(("127.0.0.1", 0), Handler)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    served = Served(url)
    if tls:
        served.ca_file = _secure(server, tls if isinstance(tls, str) else "127.0.0.1")
    behaviour = Behaviour(
        directory=Path(directory),
        fail_first=fail_first,
        status=status,
        stall_first=stall_first,
        stall_seconds=stall_seconds,
        cut_first=cut_first,
        ranges=ranges,
        redirect=redirect,
        new_tag_after=new_tag_after,
        served=served,
    )
    server.RequestHandlerClass = type("BoundHandler", (Handler,), {"behaviour": behaviour})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        if served.ca_file is not None:
            os.unlink(served.ca_file)


def _secure(server: ThreadingHTTPServer, name: str) -> str:
    import tempfile

    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    # the handshake is left to the thread of the connection, so that a bad client cannot block the others
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    handle, path = tempfile.mkstemp(suffix=".pem")
    os.close(handle)
    authority.cert_pem.write_to_path(path)
    return path
