"""The native loop that reads baskets: bytes of the file → unpacked, big-endian values where they are wanted.

One call handles any number of baskets of any branches without Python's lock. Every number that the file states is
checked before it is used; what does not fit stops the loop at that basket, and uproot is asked instead: it knows the
unusual layouts and words the errors of damaged ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hzdsl.native import ir

I1, I8, I16, I32, I64 = (ir.IntType(n) for n in (1, 8, 16, 32, 64))
POINTER = ir.POINTER
#: Fields of a row of the table of baskets, 64 bits each: the address of its bytes in memory (0: read them), or where
#: they lie in the file; their length; the entries and the bytes of values that are expected; where these go; how much
#: room there is; of lists the address of their offsets, from the first entry on (else 0), and the bytes of a value;
#: whether checks of blocks, and what lies behind the values, are to be left out.
MEMORY, SEEK, LENGTH, ENTRIES, EXPECTED, TARGET, ROOM, OFFSETS, WIDTH, TRUST, ROW = range(11)
#: Fields of the workspace: memory for the packed bytes, its size, the decompressors' states.
SCRATCH, SCRATCH_SIZE, DEFLATE, ZSTD, WORKSPACE = range(5)
#: Bytes that the key of a basket has at least: its fixed fields, three empty strings, and those of the basket itself.
_LEAST_KEY = 26 + 3 + 19
_BLOCK_HEADER = 9
#: Bytes that a back reference of deflate repeats at most (RFC 1951, 3.2.5).
_LONGEST_MATCH = 258
#: Bytes between what is wanted and the mark: libdeflate's fast loop writes at most 299 ahead of what it has made.
_BEHIND = 320
#: Eight bytes that no values are expected to be; if they are, nothing is lost but time.
_MARK = 0x5DEECE66D1A2B3C7
#: The method whose blocks have no checksum, as ROOT writes them.
_UNCHECKED = "ZS"


def emit_loop(available: Mapping[str, int]) -> ir.Module:
    """Return the module: ``read_baskets`` and ``add_up``, calling those functions that are available.

    ``read_baskets(file descriptor, rows, number, workspace)`` returns the number of the first basket that is not
    as expected, or `number`. ``add_up(counts, number, offsets)`` writes the offsets of lists with these big-endian
    32-bit lengths and returns whether one is negative (as a number below 0).
    """
    module = ir.Module()
    _Loop(module, available).emit()
    _emit_add_up(module)
    return module


class _Function:
    """A function under construction."""

    def __init__(self, module: ir.Module, name: str, arguments: list[ir.Type], internal: bool = True) -> None:
        self.function = ir.Function(module, name, I64, arguments, internal=internal)
        self._locals, start = (self.function.append_basic_block(n) for n in ("locals", "start"))
        self.b = ir.IRBuilder(self._locals)
        self.b.branch(start)
        self.b.position_at_end(start)
        self.arguments = self.function.args

    def at(self, pointer: ir.Value, offset: ir.Value | int) -> ir.Value:
        """Return the address `offset` bytes on."""
        return self.b.gep(pointer, [I64(offset) if isinstance(offset, int) else offset], source_etype=I8)

    def big(self, pointer: ir.Value, offset: ir.Value | int, type_: ir.Type) -> ir.Value:
        """Return a big-endian number of memory, as 64 bits."""
        raw = self.b.load(self.at(pointer, offset), typ=type_, align=1)
        swapped = self.b.bswap(raw)
        return swapped if type_ is I64 else self.b.sext(swapped, I64)

    def field(self, pointer: ir.Value, index: int) -> ir.Value:
        """Return a 64-bit field of a record."""
        return self.b.load(self.b.gep(pointer, [I64(index)], source_etype=I64), typ=I64)

    def address(self, number: ir.Value) -> ir.Value:
        """Return a number as an address."""
        return self.b.inttoptr(number, POINTER)

    def variable(self, initial: ir.Value) -> ir.Value:
        """Return the address of a new local number."""
        with self.b.before_end(self._locals):
            place = self.b.alloca(I64)
        self.b.store(initial, place)
        return place

    def get(self, variable: ir.Value) -> ir.Value:
        """Return the content of a local number."""
        return self.b.load(variable, typ=I64)

    def require(self, condition: ir.Value, otherwise: ir.Value) -> None:
        """Go on where `condition` holds, else return."""
        fine, bad = self.function.append_basic_block("fine"), self.function.append_basic_block("bad")
        self.b.cbranch(condition, fine, bad)
        self.b.position_at_end(bad)
        self.b.ret(otherwise)
        self.b.position_at_end(fine)


class _Loop:
    """The functions that read baskets, those of the blocks first."""

    def __init__(self, module: ir.Module, available: Mapping[str, int]) -> None:
        self._module, self._available = module, available
        self._blocks = {
            "ZL": self._made("ZL", self._zlib, "libdeflate_zlib_decompress", "libdeflate_deflate_decompress"),
            "XZ": self._made("XZ", self._lzma, "lzma_stream_buffer_decode"),
            "L4": self._made("L4", self._lz4, "LZ4_decompress_safe", "LZ4_decompress_safe_partial", "XXH64"),
            "ZS": self._made("ZS", self._zstd, "ZSTD_decompressDCtx"),
        }

    # ---- blocks ----

    def _made(self, name: str, body: Callable[[_Function], None], *needed: str) -> ir.Function | None:
        """Return a function (packed, its length, unpacked, its length, length wanted, trust, workspace) → 0, or not.

        None where a library is not there.
        """
        if not all(n in self._available for n in needed):
            return None
        f = _Function(self._module, f"block_{name}", [POINTER, I64, POINTER, I64, I64, I1, POINTER])
        body(f)
        return f.function

    def _external(self, name: str, result: ir.Type, *arguments: ir.Type) -> ir.Function:
        return self._module.declared(name, result, arguments)

    def _zlib(self, f: _Function) -> None:
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

    def _lzma(self, f: _Function) -> None:
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

    def _lz4(self, f: _Function) -> None:
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

    def _zstd(self, f: _Function) -> None:
        """Unpack a Zstandard frame; ROOT writes no checksum into it."""
        packed, length, target, size, _, _, workspace = f.arguments
        decode = self._external("ZSTD_decompressDCtx", I64, POINTER, POINTER, I64, POINTER, I64)
        made = f.b.call(decode, [f.address(f.field(workspace, ZSTD)), target, size, packed, length])
        f.b.ret(f.b.sub(size, made))

    # ---- baskets ----

    def emit(self) -> None:
        """Emit the loop over the rows."""
        basket = self._basket()
        f = _Function(self._module, "read_baskets", [I32, POINTER, I64, POINTER], internal=False)
        descriptor, rows, number, workspace = f.arguments
        at = f.variable(I64(0))
        with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), number)):
            row = f.b.gep(rows, [f.b.mul(f.get(at), I64(ROW))], source_etype=I64)
            code = f.b.call(basket, [descriptor, row, workspace])
            f.require(f.b.icmp_signed("==", code, I64(0)), f.get(at))
            f.b.store(f.b.add(f.get(at), I64(1)), at)
        f.b.ret(number)

    def _basket(self) -> ir.Function:
        """Emit the function that reads one basket: 0, or not."""
        f = _Function(self._module, "basket", [I32, POINTER, POINTER])
        _, row, workspace = f.arguments
        bad = I64(1)
        source, length = self._bytes_of(f), f.field(row, LENGTH)
        # the key: its length at 0, that of the object at 6, its own at 14; the basket's fields are its last 19 bytes
        key, size = f.big(source, 14, I16), f.big(source, 6, I32)
        f.require(f.b.icmp_signed("==", f.big(source, 0, I32), length), bad)
        f.require(f.b.icmp_signed(">=", key, I64(_LEAST_KEY)), bad)
        f.require(f.b.icmp_signed("<", key, length), bad)
        entries, last = (f.big(source, f.b.sub(key, I64(n)), I32) for n in (9, 5))
        values = f.b.sub(last, key)
        f.require(f.b.icmp_signed("==", entries, f.field(row, ENTRIES)), bad)
        f.require(f.b.icmp_signed("==", values, f.field(row, EXPECTED)), bad)
        f.require(f.b.icmp_signed("<=", values, size), bad)
        f.require(f.b.icmp_signed("<=", size, f.field(row, ROOM)), bad)
        target = f.address(f.field(row, TARGET))
        packed, behind = f.at(source, key), f.b.sub(size, values)
        agree = self._agree()
        with f.b.if_then(f.b.icmp_signed("==", f.b.sub(length, key), size)):
            copy = self._module.declared("llvm.memcpy.p0.p0.i64", ir.VOID, [POINTER, POINTER, I64, I1])
            f.b.call(copy, [target, packed, values, I1(0)])
            f.b.ret(f.b.call(agree, [row, f.at(packed, values), behind, key]))
        trust = f.b.icmp_signed("!=", f.field(row, TRUST), I64(0))
        code = f.b.call(self._unpack(), [packed, f.b.sub(length, key), target, size, values, trust, workspace])
        f.require(f.b.icmp_signed("==", code, I64(0)), bad)
        with f.b.if_then(f.b.icmp_signed("==", f.big(packed, 0, I16), I64(_tag(_UNCHECKED)))):
            f.b.ret(f.b.call(agree, [row, f.at(target, values), behind, key]))
        f.b.ret(I64(0))
        return f.function

    def _agree(self) -> ir.Function:
        """Emit the function that compares a basket's own offsets with those of the counter: 0, or not.

        What is packed without a checksum (or not at all) can be damaged without any error; lists of other lengths than
        the counter's give it away. Behind the values stand a number, and per entry where it begins, from the key on.
        """
        f = _Function(self._module, "agree", [POINTER, POINTER, I64, I64])
        row, behind, room, key = f.arguments
        entries, offsets = f.field(row, ENTRIES), f.address(f.field(row, OFFSETS))
        nothing = f.b.or_(
            f.b.icmp_signed("==", f.field(row, OFFSETS), I64(0)),
            f.b.or_(f.b.icmp_signed("==", room, I64(0)), f.b.icmp_signed("!=", f.field(row, TRUST), I64(0))),
        )
        f.require(f.b.not_(nothing), I64(0))
        f.require(f.b.icmp_signed(">=", room, f.b.mul(f.b.add(entries, I64(1)), I64(4))), I64(1))
        at, first = f.variable(I64(0)), f.field(offsets, 0)
        with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), entries)):
            stored = f.big(behind, f.b.mul(f.b.add(f.get(at), I64(1)), I64(4)), I32)
            element = f.b.load(f.b.gep(offsets, [f.get(at)], source_etype=I64), typ=I64)
            wanted = f.b.mul(f.b.sub(element, first), f.field(row, WIDTH))
            f.require(f.b.icmp_signed("==", stored, f.b.add(wanted, key)), I64(1))
            f.b.store(f.b.add(f.get(at), I64(1)), at)
        f.b.ret(I64(0))
        return f.function

    def _bytes_of(self, f: _Function) -> ir.Value:
        """Return where the bytes of the basket are, having read them if they are not in memory."""
        descriptor, row, workspace = f.arguments
        length = f.field(row, LENGTH)
        f.require(f.b.icmp_signed(">", length, I64(_LEAST_KEY)), I64(1))
        place = f.variable(f.field(row, MEMORY))
        with f.b.if_then(f.b.icmp_signed("==", f.get(place), I64(0))):
            f.require(f.b.icmp_signed("<=", length, f.field(workspace, SCRATCH_SIZE)), I64(1))
            scratch = f.field(workspace, SCRATCH)
            pread = self._external("pread", I64, I32, POINTER, I64, I64)
            got = f.b.call(pread, [descriptor, f.address(scratch), length, f.field(row, SEEK)])
            f.require(f.b.icmp_signed("==", got, length), I64(1))
            f.b.store(scratch, place)
        return f.address(f.get(place))

    def _unpack(self) -> ir.Function:
        """Emit the function (packed, length, target, size, wanted, trust, workspace) → 0: block after block."""
        f = _Function(self._module, "unpack", [POINTER, I64, POINTER, I64, I64, I1, POINTER])
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

    def _length(self, f: _Function, header: ir.Value, offset: int) -> ir.Value:
        """Return a length of three bytes, the least first."""
        found: ir.Value = I64(0)
        for k in range(3):
            byte = f.b.zext(f.b.load(f.at(header, offset + k), typ=I8), I64)
            found = f.b.or_(found, f.b.shl(byte, I64(8 * k)))
        return found

    def _dispatch(self, f: _Function, header: ir.Value, given: list[ir.Value]) -> ir.Value:
        """Call the function of the block's method; 1 where there is none."""
        code = f.variable(I64(1))
        tag = f.big(header, 0, I16)
        for letters, function in self._blocks.items():
            if function is not None:
                with f.b.if_then(f.b.icmp_signed("==", tag, I64(_tag(letters)))):
                    f.b.store(f.b.call(function, given), code)
        return f.get(code)


def _tag(letters: str) -> int:
    """Return the two letters of a method as the number that they make in the header of a block."""
    return int.from_bytes(letters.encode(), "big")


def _emit_add_up(module: ir.Module) -> None:
    f = _Function(module, "add_up", [POINTER, I64, POINTER], internal=False)
    counts, number, offsets = f.arguments
    at, total, signs = f.variable(I64(0)), f.variable(I64(0)), f.variable(I64(0))
    f.b.store(I64(0), offsets)
    with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), number)):
        count = f.big(counts, f.b.mul(f.get(at), I64(4)), I32)
        f.b.store(f.b.add(f.get(at), I64(1)), at)
        f.b.store(f.b.add(f.get(total), count), total)
        f.b.store(f.b.or_(f.get(signs), count), signs)
        f.b.store(f.get(total), f.b.gep(offsets, [f.get(at)], source_etype=I64))
    f.b.ret(f.get(signs))
