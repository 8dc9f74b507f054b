"""XRootD's client: the package, its time limits, and what its answers mean."""

from __future__ import annotations

import re
import socket
from typing import Any, NoReturn
from urllib.parse import urlsplit

from hzdsl.errors import HzdslError
from hzdsl.io.remote.credentials import known_credentials
from hzdsl.io.remote.transport import TransientError

# The client's own errors (XrdClStatus.hh) and those of servers (XProtocol.hh).
INVALID_ARGUMENTS, INVALID_ADDRESS, SOCKET_TIMEOUT, NO_CONNECTION, EXPIRED, SAID_BY_SERVER = 9, 101, 103, 108, 206, 400
LOGIN_FAILED, AUTHENTICATION_FAILED = 203, 204
NOT_AUTHORISED, NOT_FOUND, NO_SERVER, NOT_A_FILE, IS_A_DIRECTORY, NO_REPLICAS, AUTH_FAILED, TLS_NEEDED = (
    3010, 3011, 3014, 3015, 3016, 3029, 3030, 3028
)  # fmt: skip
PORT = 1094


def import_client(url: str) -> Any:
    """Return the package's module `client`.

    Raises
    ------
    HzdslError
        `library-missing`.
    """
    try:
        from XRootD import client
    except ImportError:
        what = f"{url} needs XRootD's client, which is not installed"
        raise HzdslError("library-missing", what, fix="pip install 'hzdsl[xrootd]'") from None
    return client


def set_up_client(seconds: int) -> None:
    """Let the client give up connections after some seconds, not minutes; a user's XRD_… variables go before this."""
    from XRootD.client import env

    put: Any = env.EnvPutInt
    for name in ("ConnectionWindow", "RequestTimeout", "StreamTimeout"):
        put(name, seconds)
    put("StreamErrorWindow", 0)  # how long a failed server is not asked again: that is for `Patience` to say
    put("ConnectionRetry", 1)
    put("TimeoutResolution", 1)
    put("RunForkHandler", 0)  # it can wait for ever (6.2.1), where a process is only started, too


def check_status(status: Any, url: str, timeout: int) -> None:
    """Do nothing where the client has succeeded.

    Raises
    ------
    TransientError
        For what may work when it is tried again.
    HzdslError
        `file-missing`, `remote`: no such file, not authorised, no such server.
    """
    if status.ok:
        return
    code, text = (status.errno if status.code == SAID_BY_SERVER else status.code), _words(status.message)
    if code in (NOT_FOUND, NO_SERVER, NO_REPLICAS):
        raise HzdslError("file-missing", f"there is no file {url} ({text})", fix="check the path")
    if code == INVALID_ARGUMENTS:
        raise HzdslError("remote", f"{url} is not an address", fix="write root://server//path")
    if code in (IS_A_DIRECTORY, NOT_A_FILE):
        raise HzdslError("file-format", f"{url} is a directory, not a file", fix=f"give its files: {url}/*.root")
    if code in (NOT_AUTHORISED, AUTH_FAILED, TLS_NEEDED, LOGIN_FAILED, AUTHENTICATION_FAILED):
        state, fix = known_credentials()
        raise HzdslError("remote", f"{url}: the server refused ({text}); {state}", fix=fix)
    if code in (INVALID_ADDRESS, NO_CONNECTION):
        _explain_no_connection(url, timeout)
    raise TransientError(f"no answer within {timeout} s" if code in (EXPIRED, SOCKET_TIMEOUT) else text)


def _explain_no_connection(url: str, timeout: int) -> NoReturn:
    """Say why there is no connection, which the client does not: try it once more by hand."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or PORT), timeout).close()
    except (socket.gaierror, UnicodeError):
        raise HzdslError(
            "remote", f"{url}: there is no server called {parts.hostname}", fix="check the address"
        ) from None
    except OSError as error:
        raise TransientError(str(error)) from None
    raise TransientError("there was no connection")


def _words(message: str) -> str:
    """Return what the client says without its own frame.

    Examples
    --------
    >>> _words("[ERROR] Server responded with an error: [3011] Unable to open /a; no such file or directory ")
    'Unable to open /a; no such file or directory'
    >>> _words("[FATAL] Auth failed")
    'Auth failed'
    """
    return re.sub(r"^\[[A-Z]+\] (Server responded with an error: \[\d+\] )?", "", message).strip()
