"""Bytes that are sealed: a head that says what they are, a digest, and their content.

What is kept in files and sent between processes is checked before it is believed. The digest is SHA-256 of the head, of
what has to be known `beside` (a key, say) and of the content: it finds what was damaged, cut short or exchanged, not
what was forged.
"""

from __future__ import annotations

from hashlib import sha256

DIGEST = sha256().digest_size


def sealed(head: bytes, content: bytes, beside: bytes = b"") -> bytes:
    """Return content with its seal.

    Parameters
    ----------
    head : bytes
        What it is, of a length that the reader knows.
    content : bytes
        What is sealed.
    beside : bytes
        What the reader has to know, too, and is not written.

    Examples
    --------
    >>> opened(sealed(b"NOTE", b"abc"), b"NOTE")
    b'abc'
    """
    return head + _digest(head, beside, content) + content


def opened(data: bytes, head: bytes, beside: bytes = b"") -> bytes | None:
    """Return the content of sealed bytes; None where they are of another kind, damaged or cut off.

    Examples
    --------
    >>> whole = sealed(b"NOTE", b"abc", b"key")
    >>> opened(whole, b"NOTE", b"key"), opened(whole, b"NOTE", b"other"), opened(whole[:-1], b"NOTE", b"key")
    (b'abc', None, None)
    """
    start = len(head) + DIGEST
    content = data[start:]
    whole = data.startswith(head) and data[len(head) : start] == _digest(head, beside, content)
    return content if whole else None


def _digest(*parts: bytes) -> bytes:
    made = sha256()
    for part in parts:
        made.update(part)
    return made.digest()
