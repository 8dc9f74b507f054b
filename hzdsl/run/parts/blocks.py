"""Blocks of bytes with their length and checksum: what is kept in files and sent between processes.

A block is four letters that say what it is and the length of its content (8 bytes, least first), then the content,
sealed (`hzdsl.sealed`). Files of blocks are only appended to: whatever moment a process is killed at, what it had
written before is whole, and a torn end is recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hzdsl.sealed import DIGEST, opened, sealed

_HEAD = 12


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
    return sealed(kind + len(content).to_bytes(8, "little"), content)


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the blocks that bytes begin with, up to the first that is cut off or damaged.

    Examples
    --------
    >>> whole = block(b"NOTE", b"abc")
    >>> [len(list(blocks(whole + whole[:n]))) for n in (0, 5, len(whole) - 1, len(whole))]
    [1, 1, 1, 2]
    """
    at = 0
    while at + _HEAD + DIGEST <= len(data):
        head = data[at : at + _HEAD]
        end = at + _HEAD + DIGEST + int.from_bytes(head[4:], "little")
        content = opened(data[at:end], head)
        if content is None:
            return
        at = end
        yield Block(head[:4], content, at)
