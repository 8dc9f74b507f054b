"""Who the user is: bearer tokens and certificates where the grid's tools put them.

Tokens are found as WLCG says (https://doi.org/10.5281/zenodo.3937438), certificates as all of its tools do.
Nothing here is ever printed but where it was found and until when it is valid.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import time
from dataclasses import field

from hzdsl.errors import HzdslError
from hzdsl.io.remote.certificates import not_after
from hzdsl.records import dataclass

CERTIFICATE_FOLDER = "/etc/grid-security/certificates"
TEMPORARY = "/tmp"


@dataclass(frozen=True)
class Token:
    """A bearer token, where it was found, and when it expires (seconds since 1970), where it says so."""

    text: str = field(repr=False)
    origin: str
    expires: float | None

    def state(self) -> str:
        """Return in words what is known of it.

        Examples
        --------
        >>> Token("abc", "BEARER_TOKEN", 0.0).state()
        'the token of BEARER_TOKEN expired at 1970-01-01 00:00:00 UTC'
        """
        return f"the token of {self.origin} {_validity(self.expires, 'was refused')}"


@dataclass(frozen=True)
class Certificate:
    """A certificate of the user (or a proxy of it), the file of its key, and when it expires."""

    file: str
    key: str
    origin: str
    expires: float | None

    def state(self) -> str:
        """Return in words what is known of it."""
        name = self.file if self.origin == self.file else f"{self.file} ({self.origin})"
        return f"the certificate {name} {_validity(self.expires, 'was not accepted')}"

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= time.time()


def find_token() -> Token | None:
    """Return the token of BEARER_TOKEN, BEARER_TOKEN_FILE, $XDG_RUNTIME_DIR/bt_u<id> or /tmp/bt_u<id>.

    Raises
    ------
    HzdslError
        `file-missing` where BEARER_TOKEN_FILE cannot be read, `file-format` for what cannot be a token.
    """
    direct = os.environ.get("BEARER_TOKEN", "").strip()
    if direct:
        return _token(direct, "BEARER_TOKEN")
    named = os.environ.get("BEARER_TOKEN_FILE")
    if named:
        return _token(_text_of(named), f"{named} (BEARER_TOKEN_FILE)")
    for path in _default_places():
        if _is_mine(path):
            return _token(_text_of(path), path)
    return None


def find_certificate() -> Certificate | None:
    """Return the certificate of X509_USER_PROXY, X509_USER_CERT with X509_USER_KEY, or /tmp/x509up_u<id>."""
    proxy, certificate = os.environ.get("X509_USER_PROXY"), os.environ.get("X509_USER_CERT")
    default = _default_proxy()
    if proxy:
        return Certificate(proxy, proxy, "X509_USER_PROXY", not_after(proxy))
    if certificate:
        key = os.environ.get("X509_USER_KEY") or certificate
        return Certificate(certificate, key, "X509_USER_CERT", not_after(certificate))
    if _is_mine(default):
        return Certificate(default, default, default, not_after(default))
    return None


def certificate_folder() -> str | None:
    """Return the folder of the authorities that the grid trusts, if there is one."""
    folder = os.environ.get("X509_CERT_DIR") or CERTIFICATE_FOLDER
    return folder if os.path.isdir(folder) else None


def known_credentials() -> tuple[str, str]:
    """Return what is known of the user's token and certificate, and what would mend it, in words."""
    token, certificate = find_token(), find_certificate()
    fix = "get a new token (htgettoken, oidc-token) or a new proxy (voms-proxy-init)"
    states = [x.state() for x in (token, certificate) if x is not None]
    if states:
        return "; ".join(states), fix
    places = ", ".join(["BEARER_TOKEN", "BEARER_TOKEN_FILE", *_default_places(), "X509_USER_PROXY", "X509_USER_CERT"])
    return f"no token and no certificate was found in {places} or {_default_proxy()}", fix


def _default_places() -> list[str]:
    runtime, name = os.environ.get("XDG_RUNTIME_DIR"), f"bt_u{os.geteuid()}"
    return [*([os.path.join(runtime, name)] if runtime else []), os.path.join(TEMPORARY, name)]


def _default_proxy() -> str:
    return os.path.join(TEMPORARY, f"x509up_u{os.geteuid()}")


def _is_mine(path: str) -> bool:
    """Whether there is a file of the user's own: others may write into /tmp, too."""
    try:
        return os.stat(path).st_uid == os.geteuid()
    except OSError:
        return False


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError as error:
        raise HzdslError("file-missing", f"the file of the token, {path}, cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        return ""


def _token(text: str, origin: str) -> Token:
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):
        raise HzdslError("file-format", f"{origin} holds no token", fix="get a new token, or unset it")
    return Token(text, origin, _expiry(text))


def _expiry(token: str) -> float | None:
    """Return the time at which a JSON web token expires; None where it is none, or does not say.

    Examples
    --------
    >>> payload = base64.urlsafe_b64encode(b'{"exp": 1700000000}').decode().rstrip("=")
    >>> _expiry(f"e30.{payload}.c2ln"), _expiry("opaque")
    (1700000000.0, None)
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def _validity(expires: float | None, otherwise: str) -> str:
    if expires is not None and expires <= time.time():
        return f"expired at {_moment(expires)}"
    return otherwise if expires is None else f"{otherwise} (it is valid until {_moment(expires)})"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
