"""When a certificate expires: the one thing that is read of it here, all else is the TLS library's."""

from __future__ import annotations

import calendar
import re
import ssl
import time
from collections.abc import Iterator

_SEQUENCE, _VERSION = 0x30, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def not_after(path: str) -> float | None:
    """Return when the first certificate of a PEM file expires, in seconds since 1970; None where that cannot be read.

    Examples
    --------
    >>> not_after("/no/such/file") is None
    True
    """
    try:
        with open(path, encoding="latin-1") as file:
            found = _PEM.search(file.read())
        return None if found is None else _expiry(ssl.PEM_cert_to_DER_cert(found[0]))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _expiry(certificate: bytes) -> float:
    """Return the second of the two times of validity (RFC 5280, 4.1).

    Certificate is a sequence whose first element is a sequence of: version (tagged, may be left out), serial number,
    algorithm, issuer, validity, …
    """
    (_, whole), *_ = _elements(certificate)
    (_, signed), *_ = _elements(whole)
    fields = [element for element in _elements(signed) if element[0] != _VERSION]
    kind, validity = fields[3]
    if kind != _SEQUENCE:
        raise ValueError("no validity")
    return _time(*list(_elements(validity))[1])


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (tag, content) of what follows each other in DER."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            length, at = int.from_bytes(data[at : at + width], "big"), at + width
        yield tag, data[at : at + length]
        at += length


def _time(kind: int, text: bytes) -> float:
    """Return seconds since 1970.

    Examples
    --------
    >>> _time(0x17, b"700101000100Z"), _time(0x18, b"20300101000000Z")
    (60.0, 1893456000.0)
    """
    if kind not in (_UTC_TIME, _GENERALIZED_TIME):
        raise ValueError("no time")
    digits = text.decode("ascii").rstrip("Z")
    if kind == _UTC_TIME:  # two digits for the year: from 1950 to 2049
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    return float(calendar.timegm(time.strptime(digits, "%Y%m%d%H%M%S")))
