"""The C functions that unpack a block of a basket: where they are found, how a failure shows.

ROOT stores a basket as blocks, each with a header of nine bytes: two letters for the method, a byte more, the packed
and the unpacked length (https://root.cern/doc/master/RZip_8cxx_source.html). The libraries are those that wheels of
PyPI bring along (``deflate``, ``lz4``, ``zstandard``, ``xxhash``; ``_lzma`` is Python's own), or the system's.
A method whose library is not there is left to uproot.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hzdsl.native import find_function, libc


@dataclass(frozen=True)
class Function:
    """A C function, where it may be found."""

    name: str
    extensions: tuple[str, ...]
    libraries: tuple[str, ...]


_DEFLATE = (("deflate._deflate",), ("libdeflate.so.0",))
_ZSTD = (("zstandard._cffi",), ("libzstd.so.1",))
_LZ4 = (("lz4.block._block",), ("liblz4.so.1",))
_XXHASH = (("xxhash._xxhash", "lz4.frame._frame"), ("libxxhash.so.0",))
_LZMA = (("_lzma",), ("liblzma.so.5",))

#: What the reading loop calls, beside `pread`.
FUNCTIONS: tuple[Function, ...] = (
    Function("libdeflate_zlib_decompress", *_DEFLATE),
    Function("libdeflate_deflate_decompress", *_DEFLATE),
    Function("ZSTD_decompressDCtx", *_ZSTD),
    Function("LZ4_decompress_safe", *_LZ4),
    Function("LZ4_decompress_safe_partial", *_LZ4),
    Function("XXH64", *_XXHASH),
    Function("lzma_stream_buffer_decode", *_LZMA),
)
#: What makes and frees the state that a decompressor keeps between calls.
_STATES = {
    "deflate": (
        Function("libdeflate_alloc_decompressor", *_DEFLATE),
        Function("libdeflate_free_decompressor", *_DEFLATE),
    ),
    "zstd": (Function("ZSTD_createDCtx", *_ZSTD), Function("ZSTD_freeDCtx", *_ZSTD)),
}


@cache
def addresses() -> Mapping[str, int]:
    """Return the addresses of the functions that are there, by name.

    Examples
    --------
    >>> addresses()["pread"] > 0
    True
    """
    found = {"pread": libc("pread"), **{f.name: _find(f) for f in FUNCTIONS}}
    return {name: address for name, address in found.items() if address is not None}


@cache
def _find(function: Function) -> int | None:
    return find_function(function.name, function.extensions, function.libraries)


@dataclass
class State:
    """The decompressors of one thread; a handle is 0 where the library is not there."""

    deflate: int = 0
    zstd: int = 0
    _free: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def new(cls) -> State:
        """Allocate the decompressors."""
        state = cls()
        for name, (make, free) in _STATES.items():
            allocate, release = _find(make), _find(free)
            if allocate is not None and release is not None:
                handle = ctypes.CFUNCTYPE(ctypes.c_void_p)(allocate)() or 0
                state._free[handle] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(release)
                setattr(state, name, handle)
        return state

    def __del__(self) -> None:
        for handle, release in self._free.items():
            if handle:
                release(handle)
