"""Certificates and tokens of a made-up authority."""

from __future__ import annotations

import base64
import datetime
import json
import ssl
from pathlib import Path

import trustme

PAST = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)


class Authority:
    """An authority whose certificate is the file `pem`; it issues certificates for 127.0.0.1 and for users."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self.pem = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.pem)

    def folder(self, name: str) -> Path:
        """Return a folder for another authority."""
        path = self._folder / name
        path.mkdir()
        return path

    def server(self, name: str = "127.0.0.1", until=None, clients: bool = False) -> ssl.SSLContext:
        """Return what a server needs: with `clients` it wants to see a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._issue(name, until).configure_cert(context)
        if clients:
            self._ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def user(self, until=None) -> Path:
        """Return a file with a user's certificate and its key, as a proxy is."""
        path = self._folder / "user.pem"
        issued = self._issue("physicist@example.org", until)
        path.write_bytes(issued.cert_chain_pems[0].bytes() + issued.private_key_pem.bytes())
        return path

    def _issue(self, name: str, until) -> trustme.LeafCert:
        return self._ca.issue_cert(
            name, not_before=None if until is None else until.replace(year=2019), not_after=until
        )


def web_token(expires: float) -> str:
    """Return a JSON web token; nobody here checks its signature."""
    parts = [{"alg": "none"}, {"exp": expires, "scope": "storage.read:/"}]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])
