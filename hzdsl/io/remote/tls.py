"""Encrypted connections: whom to trust, who the user is, and what is wrong with a certificate."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.credentials import Certificate, certificate_folder, find_certificate, known_credentials

TRUST = "give the authority that signed it with --ca-file FILE, or accept any with --insecure"
#: What is wrong with a server's certificate, by OpenSSL's number (X509_V_ERR_…), and what mends it.
_WRONG = {
    9: ("its certificate is not valid yet", "check the clock of this machine"),
    10: ("its certificate has expired", "tell the server's operators, or accept any certificate with --insecure"),
    18: ("its certificate is signed by itself", TRUST),
    19: ("its certificate is signed by an authority that is not trusted", TRUST),
    20: ("its certificate is signed by an authority that is not known", TRUST),
    21: ("its certificate is signed by an authority that is not known", TRUST),
    62: ("its certificate is for another host", "use the name that the certificate is made out to"),
    64: ("its certificate is for another host", "use the name that the certificate is made out to"),
}


def tls_context(options: RemoteOptions) -> ssl.SSLContext:
    """Return whom to trust and who the user is; the same object as long as nothing of that has changed.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format` for a file of certificates that cannot be used.
    """
    mine = find_certificate()
    stamp = 0.0 if mine is None else _modified(mine.file)
    return _context(options.ca_file, options.insecure, certificate_folder(), mine, stamp)


@lru_cache(maxsize=8)
def _context(
    ca_file: str | None, insecure: bool, folder: str | None, mine: Certificate | None, _modified: float
) -> ssl.SSLContext:
    """Return a context; to make one takes a tenth of a second, so those of many files are one."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise HzdslError("file-format", f"--ca-file {ca_file} is not a PEM file of certificates") from None
    except OSError as error:
        raise HzdslError("file-missing", f"--ca-file {ca_file} cannot be read ({error.strerror})") from None
    if folder is not None and ca_file is None:
        context.load_verify_locations(capath=folder)
    if mine is not None:
        _show(context, mine)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _show(context: ssl.SSLContext, mine: Certificate) -> None:
    """Let servers that ask for it see the user's certificate, unless its time is over."""
    if mine.expired:
        return
    try:
        context.load_cert_chain(mine.file, mine.key, password=lambda: "")
    except ssl.SSLError:
        what = f"{mine.file} ({mine.origin}) with the key {mine.key} is no certificate that can be used"
        fix = "give a PEM file and its key without a passphrase, or a proxy (voms-proxy-init)"
        raise HzdslError("file-format", what, fix=fix) from None
    except OSError as error:
        what = f"the certificate {mine.file} ({mine.origin}) or its key {mine.key} cannot be read ({error.strerror})"
        raise HzdslError("file-missing", what) from None


def distrusted(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """Return what is wrong with the certificate of a server, and what mends it."""
    what, fix = _WRONG.get(error.verify_code, ("its certificate is not trusted", TRUST))
    return f"{what} ({error.verify_message})", fix


def refused(error: ssl.SSLError) -> tuple[str, str] | None:
    """Return what is said of a server that does not accept the user's certificate, or that there is none."""
    alert = (error.reason or "").upper()
    if "ALERT" not in alert or not ("CERT" in alert or "UNKNOWN_CA" in alert or "ACCESS" in alert):
        return None
    state, fix = known_credentials()
    return f"wants a certificate of yours that it trusts: {state} ({_words(alert)})", fix


def _words(alert: str) -> str:
    return alert.rsplit("ALERT_", maxsplit=1)[-1].replace("_", " ").lower()


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
