"""Unpacking the blocks of a basket, in the native loop: a function per method, and one for block after block.

Every number that the file states is checked before it is used. A function gives 0 where all was as expected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hzdsl.io.baskets.emitting import I1, I8, I16, I32, I64, POINTER, Function
from hzdsl.native import ir

#: Fields of the workspace, 64 bits each: memory for packed bytes, its size; where in the file the bytes come from that
#: are in it, how many they are; the decompressors' states.
SCRATCH, SCRATCH_SIZE, WINDOW, WINDOW_SIZE, DEFLATE, ZSTD, WORKSPACE = range(7)
_BLOCK_HEADER = 9
#: Bytes that a back reference of deflate repeats at most (RFC 1951, 3.2.5).
_LONGEST_MATCH = 258
#: Bytes between what is wanted and the mark: libdeflate's fast loop writes at most 299 ahead of what it has made.
_BEHIND = 320
#: Eight bytes that no values are expected to be; if they are, nothing is lost but time.
_MARK = 0x5DEECE66D1A2B3C7


class Blocks:
    """The functions that unpack blocks, of those methods whose C functions are available."""

    def __init__(self, module: ir.Module, available: Mapping[str, int]) -> None:
        self._module, self._available = module, available
        self._methods = {
            "ZL": self._made("ZL", self._zlib, "libdeflate_zlib_decompress", "libdeflate_deflate_decompress"),
            "XZ": self._made("XZ", self._lzma, "lzma_stream_buffer_decode"),
            "L4": self._made("L4", self._lz4, "LZ4_decompress_safe", "LZ4_decompress_safe_partial", "XXH64"),
            "ZS": self._made("ZS", self._zstd, "ZSTD_decompressDCtx"),
        }

    def emit(self) -> ir.Function:
        """Emit the function (packed, length, target, size, wanted, trust, workspace) → 0: block after block."""
        f = Function(self._module, "unpack", [POINTER, I64, POINTER, I64, I64, I1, POINTER])
        packed, length, target, size, wanted, trust, workspace = f.arguments
        bad = I64(1)
        at, made = f.variable(I64(0)), f.variable(I64(0))
        goal = f.b.select(trust, wanted, size)
        with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(made), goal)):
            header = f.at(packed, f.get(at))
            left = f.b.sub(length, f.get(at))
            f.require(f.b.icmp_signed(">", left, I64(_BLOCK_HEADER)), bad)
            inside, outside = self._length(f, header, 3), self._length(f, header, 6)
            f.require(f.b.icmp_signed("<=", f.b.add(inside, I64(_BLOCK_HEADER)), left), bad)
            f.require(f.b.icmp_signed(">", outside, I64(0)), bad)
            f.require(f.b.icmp_signed("<=", outside, f.b.sub(size, f.get(made))), bad)
            rest = f.b.sub(goal, f.get(made))
            here = f.b.select(f.b.icmp_signed("<", rest, outside), rest, outside)
            given = [f.at(header, _BLOCK_HEADER), inside, f.at(target, f.get(made)), outside, here, trust, workspace]
            f.require(f.b.icmp_signed("==", self._dispatch(f, header, given), I64(0)), bad)
            f.b.store(f.b.add(f.get(at), f.b.add(inside, I64(_BLOCK_HEADER))), at)
            f.b.store(f.b.add(f.get(made), outside), made)
        f.b.ret(I64(0))
        return f.function

    def _length(self, f: Function, header: ir.Value, offset: int) -> ir.Value:
        """Return a length of three bytes, the least first."""
        found: ir.Value = I64(0)
        for k in range(3):
            byte = f.b.zext(f.b.load(f.at(header, offset + k), typ=I8), I64)
            found = f.b.or_(found, f.b.shl(byte, I64(8 * k)))
        return found

    def _dispatch(self, f: Function, header: ir.Value, given: list[ir.Value]) -> ir.Value:
        """Call the function of the block's method; 1 where there is none."""
        code = f.variable(I64(1))
        method = f.big(header, 0, I16)
        for letters, function in self._methods.items():
            if function is not None:
                with f.b.if_then(f.b.icmp_signed("==", method, I64(tag(letters)))):
                    f.b.store(f.b.call(function, given), code)
        return f.get(code)

    def _made(self, name: str, body: Callable[[Function], None], *needed: str) -> ir.Function | None:
        """Return a function (packed, its length, unpacked, its length, length wanted, trust, workspace) → 0, or not.

        None where a library is not there.
        """
        if not all(n in self._available for n in needed):
            return None
        f = Function(self._module, f"block_{name}", [POINTER, I64, POINTER, I64, I64, I1, POINTER])
        body(f)
        return f.function

    def _external(self, name: str, result: ir.Type, *arguments: ir.Type) -> ir.Function:
        return self._module.declared(name, result, arguments)

    def _zlib(self, f: Function) -> None:
        """Unpack a zlib stream, verifying its Adler-32; trusting, its raw deflate as far as it is wanted.

        libdeflate stops where what comes next does not fit (code 3). That is at most a repetition before the end of the
        room, or a stored block of any length: so a mark is set in the room behind what is wanted, further than the
        fast loop of libdeflate writes ahead. Where it is still there, the stream is unpacked as a whole.
        """
        packed, length, target, size, wanted, trust, workspace = f.arguments
        state = f.address(f.field(workspace, DEFLATE))
        arguments = [POINTER, POINTER, I64, POINTER, I64, POINTER]
        checked = self._external("libdeflate_zlib_decompress", I32, *arguments)
        raw = self._external("libdeflate_deflate_decompress", I32, *arguments)
        room = f.b.add(wanted, I64(_BEHIND + 8 + _LONGEST_MATCH))
        short = f.b.and_(f.b.icmp_signed("<", room, size), f.b.icmp_signed(">", length, I64(2)))
        with f.b.if_then(f.b.and_(trust, short)):
            mark = f.at(target, f.b.add(wanted, I64(_BEHIND)))
            f.b.store(I64(_MARK), mark, align=1)
            given = [state, f.at(packed, 2), f.b.sub(length, I64(2)), target, room, ir.NULL]
            stopped = f.b.icmp_signed("==", f.b.call(raw, given), I32(3))
            reached = f.b.icmp_signed("!=", f.b.load(mark, typ=I64, align=1), I64(_MARK))
            with f.b.if_then(f.b.and_(stopped, reached)):
                f.b.ret(I64(0))
        f.b.ret(f.b.sext(f.b.call(checked, [state, packed, length, target, size, ir.NULL]), I64))

    def _lzma(self, f: Function) -> None:
        """Unpack an xz stream, whose check is verified."""
        packed, length, target, size, *_ = f.arguments
        decode = self._external(
            "lzma_stream_buffer_decode", I32, *[POINTER, I32, POINTER, POINTER, POINTER, I64, POINTER, POINTER, I64]
        )
        limit, at, out = f.variable(I64(-1)), f.variable(I64(0)), f.variable(I64(0))
        none = ir.NULL
        code = f.b.call(decode, [limit, I32(0), none, packed, at, length, target, out, size])
        f.require(f.b.icmp_signed("==", code, I32(0)), I64(1))
        f.b.ret(f.b.sub(size, f.get(out)))

    def _lz4(self, f: Function) -> None:
        """Unpack an LZ4 block, verifying the XXH64 that stands before it; trusting, as far as it is wanted."""
        packed, length, target, size, wanted, trust, _ = f.arguments
        hashed = self._external("XXH64", I64, POINTER, I64, I64)
        whole = self._external("LZ4_decompress_safe", I32, POINTER, POINTER, I32, I32)
        part = self._external("LZ4_decompress_safe_partial", I32, POINTER, POINTER, I32, I32, I32)
        f.require(f.b.icmp_signed(">=", length, I64(8)), I64(1))
        data, n = f.at(packed, 8), f.b.sub(length, I64(8))
        short, room = f.b.trunc(n, I32), f.b.trunc(size, I32)
        with f.b.if_then(trust):
            made = f.b.call(part, [data, target, short, f.b.trunc(wanted, I32), room])
            f.b.ret(f.b.select(f.b.icmp_signed(">=", f.b.sext(made, I64), wanted), I64(0), I64(1)))
        f.require(f.b.icmp_unsigned("==", f.b.call(hashed, [data, n, I64(0)]), f.big(packed, 0, I64)), I64(1))
        f.b.ret(f.b.sub(size, f.b.sext(f.b.call(whole, [data, target, short, room]), I64)))

    def _zstd(self, f: Function) -> None:
        """Unpack a Zstandard frame; ROOT writes no checksum into it."""
        packed, length, target, size, _, _, workspace = f.arguments
        decode = self._external("ZSTD_decompressDCtx", I64, POINTER, POINTER, I64, POINTER, I64)
        made = f.b.call(decode, [f.address(f.field(workspace, ZSTD)), target, size, packed, length])
        f.b.ret(f.b.sub(size, made))


def tag(letters: str) -> int:
    """Return the two letters of a method as the number that they make in the header of a block."""
    return int.from_bytes(letters.encode(), "big")
