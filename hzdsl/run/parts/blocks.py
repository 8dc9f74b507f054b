"""Blocks of bytes with their length and checksum: what is kept in files and sent between processes.

A block is four letters that say what it is, the length of its content (8 bytes, least first), BLAKE2b of both and of
the content (16 bytes), and the content. Files of blocks are only appended to: whatever moment a process is killed at,
what it had written before is whole, and a torn end is recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

_HEAD, _DIGEST = 12, 16


class Block(NamedTuple):
    """One block: what it is, its content, and where in the bytes it ends."""

    kind: bytes
    content: bytes
    end: int


def block(kind: bytes, content: bytes) -> bytes:
    """Return content as a block.

    Examples
    --------
    >>> [(b.kind, b.content) for b in blocks(block(b"NOTE", b"abc") + block(b"NOTE", b""))]
    [(b'NOTE', b'abc'), (b'NOTE', b'')]
    """
    head = kind + len(content).to_bytes(8, "little")
    return head + _digest(head, content) + content


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the blocks that bytes begin with, up to the first that is cut off or damaged.

    Examples
    --------
    >>> whole = block(b"NOTE", b"abc")
    >>> [len(list(blocks(whole + whole[:n]))) for n in (0, 5, len(whole) - 1, len(whole))]
    [1, 1, 1, 2]
    """
    at = 0
    while at + _HEAD + _DIGEST <= len(data):
        head, start = data[at : at + _HEAD], at + _HEAD + _DIGEST
        content = data[start : start + int.from_bytes(head[4:], "little")]
        if _digest(head, content) != data[at + _HEAD : start]:
            return
        at = start + len(content)
        yield Block(head[:4], content, at)


def _digest(head: bytes, content: bytes) -> bytes:
    made = blake2b(head, digest_size=_DIGEST)
    made.update(content)
    return made.digest()
