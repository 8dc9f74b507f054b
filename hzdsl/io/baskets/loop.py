"""The native loop that reads baskets: bytes of the file → unpacked, big-endian values where they are wanted.

One call handles any number of baskets of any branches without Python's lock. Every number that the file states is
checked before it is used; what does not fit stops the loop at that basket, and uproot is asked instead: it knows the
unusual layouts and words the errors of damaged ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.io.baskets.blocks import SCRATCH, SCRATCH_SIZE, WINDOW, WINDOW_SIZE, Blocks, tag
from hzdsl.io.baskets.emitting import I1, I16, I32, I64, POINTER, Function
from hzdsl.native import ir

#: Fields of a row of the table of baskets, 64 bits each: the address of its bytes in memory (0: read them), or where
#: they lie in the file; their length; the entries and the bytes of values that are expected; where these go; how much
#: room there is; of lists the address of their offsets, from the first entry on (else 0), and the bytes of a value;
#: whether checks of blocks, and what lies behind the values, are to be left out.
MEMORY, SEEK, LENGTH, ENTRIES, EXPECTED, TARGET, ROOM, OFFSETS, WIDTH, TRUST, ROW = range(11)
#: Bytes of the file that several baskets are read in at once at most: what is read is to be found in the second cache.
READ_AT_ONCE = 256 * 1024
#: Bytes between two baskets that are read along: as long as a call of the system takes.
READ_ALONG = 4 * 1024
#: Bytes that the key of a basket has at least: its fixed fields, three empty strings, and those of the basket itself.
_LEAST_KEY = 26 + 3 + 19
#: The method whose blocks have no checksum, as ROOT writes them.
_UNCHECKED = "ZS"


def emit_loop(available: Mapping[str, int]) -> ir.Module:
    """Return the module: ``read_baskets`` and ``add_up``, calling those functions that are available.

    ``read_baskets(file descriptor, rows, number, workspace)`` returns the number of the first basket that is not
    as expected, or `number`. Rows in the order of the file are read several at once. ``add_up(counts, number,
    offsets)`` writes the offsets of lists with these big-endian 32-bit lengths and returns whether one is negative (as
    a number below 0).
    """
    module = ir.Module()
    _emit_read_baskets(module, _basket(module, available))
    _emit_add_up(module)
    return module


def _emit_read_baskets(module: ir.Module, basket: ir.Function) -> None:
    f = Function(module, "read_baskets", [I32, POINTER, I64, POINTER], internal=False)
    descriptor, rows, number, workspace = f.arguments
    f.put(workspace, WINDOW_SIZE, I64(0))
    at = f.variable(I64(0))
    with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), number)):
        row = f.b.gep(rows, [f.b.mul(f.get(at), I64(ROW))], source_etype=I64)
        code = f.b.call(basket, [descriptor, row, f.b.sub(number, f.get(at)), workspace])
        f.require(f.b.icmp_signed("==", code, I64(0)), f.get(at))
        f.b.store(f.b.add(f.get(at), I64(1)), at)
    f.b.ret(number)


def _basket(module: ir.Module, available: Mapping[str, int]) -> ir.Function:
    """Emit the function that reads the first of some rows: 0, or not."""
    read_some, unpack, agree = _read_some(module), Blocks(module, available).emit(), _agree(module)
    f = Function(module, "basket", [I32, POINTER, I64, POINTER])
    _, row, _, workspace = f.arguments
    bad = I64(1)
    source, length = _bytes_of(f, read_some), f.field(row, LENGTH)
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
    with f.b.if_then(f.b.icmp_signed("==", f.b.sub(length, key), size)):
        copy = module.declared("llvm.memcpy.p0.p0.i64", ir.VOID, [POINTER, POINTER, I64, I1])
        f.b.call(copy, [target, packed, values, I1(0)])
        f.b.ret(f.b.call(agree, [row, f.at(packed, values), behind, key]))
    trust = f.b.icmp_signed("!=", f.field(row, TRUST), I64(0))
    code = f.b.call(unpack, [packed, f.b.sub(length, key), target, size, values, trust, workspace])
    f.require(f.b.icmp_signed("==", code, I64(0)), bad)
    with f.b.if_then(f.b.icmp_signed("==", f.big(packed, 0, I16), I64(tag(_UNCHECKED)))):
        f.b.ret(f.b.call(agree, [row, f.at(target, values), behind, key]))
    f.b.ret(I64(0))
    return f.function


def _agree(module: ir.Module) -> ir.Function:
    """Emit the function that compares a basket's own offsets with those of the counter: 0, or not.

    What is packed without a checksum (or not at all) can be damaged without any error; lists of other lengths than
    the counter's give it away. Behind the values stand a number, and per entry where it begins, from the key on.
    """
    f = Function(module, "agree", [POINTER, POINTER, I64, I64])
    row, behind, room, key = f.arguments
    entries, offsets = f.field(row, ENTRIES), f.address(f.field(row, OFFSETS))
    nothing = f.b.or_(
        f.b.icmp_signed("==", f.field(row, OFFSETS), I64(0)),
        f.b.or_(f.b.icmp_signed("==", room, I64(0)), f.b.icmp_signed("!=", f.field(row, TRUST), I64(0))),
    )
    f.require(f.b.not_(nothing), I64(0))
    f.require(f.b.icmp_signed(">=", room, f.b.mul(f.b.add(entries, I64(1)), I64(4))), I64(1))
    at, differing, width = f.variable(I64(0)), f.variable(I64(0)), f.field(row, WIDTH)
    none = f.b.sub(key, f.b.mul(f.field(offsets, 0), width))
    with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), entries)):
        stored = f.big(behind, f.b.mul(f.b.add(f.get(at), I64(1)), I64(4)), I32)
        element = f.b.load(f.b.gep(offsets, [f.get(at)], source_etype=I64), typ=I64)
        wanted = f.b.add(f.b.mul(element, width), none)
        f.b.store(f.b.or_(f.get(differing), f.b.xor(stored, wanted)), differing)
        f.b.store(f.b.add(f.get(at), I64(1)), at)
    f.b.ret(f.get(differing))
    return f.function


def _bytes_of(f: Function, read_some: ir.Function) -> ir.Value:
    """Return where the bytes of the basket are, having read them if they are not in memory."""
    descriptor, row, left, workspace = f.arguments
    seek, length = f.field(row, SEEK), f.field(row, LENGTH)
    f.require(f.b.icmp_signed(">", length, I64(_LEAST_KEY)), I64(1))
    place = f.variable(f.field(row, MEMORY))
    with f.b.if_then(f.b.icmp_signed("==", f.get(place), I64(0))):
        with f.b.if_then(f.b.not_(_within(f, workspace, seek, length))):
            f.b.call(read_some, [descriptor, row, left, workspace])
        f.require(_within(f, workspace, seek, length), I64(1))
        f.b.store(f.b.add(f.field(workspace, SCRATCH), f.b.sub(seek, f.field(workspace, WINDOW))), place)
    return f.address(f.get(place))


def _within(f: Function, workspace: ir.Value, seek: ir.Value, length: ir.Value) -> ir.Value:
    """Return whether these bytes of the file, at least one, are in the workspace."""
    before, size = f.b.sub(seek, f.field(workspace, WINDOW)), f.field(workspace, WINDOW_SIZE)
    begins = f.b.icmp_unsigned("<", before, size)
    return f.b.and_(begins, f.b.icmp_unsigned("<=", length, f.b.sub(size, before)))


def _read_some(module: ir.Module) -> ir.Function:
    """Emit the function that reads the first of some rows into the workspace, and with it those that lie behind.

    Where they cannot be read together (the file has become shorter, say) the first is read alone, as far as there is.
    """
    f = Function(module, "read_some", [I32, POINTER, I64, POINTER])
    descriptor, row, left, workspace = f.arguments
    start, length = f.field(row, SEEK), f.field(row, LENGTH)
    f.put(workspace, WINDOW_SIZE, I64(0))
    room, once = f.field(workspace, SCRATCH_SIZE), I64(READ_AT_ONCE)
    f.require(f.b.icmp_signed("<=", length, room), I64(1))
    most = f.b.select(f.b.icmp_signed("<", room, once), room, once)
    size, at, end = f.variable(length), f.variable(I64(1)), f.variable(left)
    with f.b.loop_while(lambda: f.b.icmp_signed("<", f.get(at), f.get(end))):
        following = f.b.gep(row, [f.b.mul(f.get(at), I64(ROW))], source_etype=I64)
        before, more = f.b.sub(f.field(following, SEEK), start), f.field(following, LENGTH)
        near = f.b.icmp_unsigned("<=", before, f.b.add(f.get(size), I64(READ_ALONG)))
        whole = f.b.add(before, more)
        fits = f.b.and_(f.b.icmp_unsigned("<=", more, most), f.b.icmp_unsigned("<=", whole, most))
        taken = f.b.and_(near, fits)
        longer = f.b.and_(taken, f.b.icmp_signed(">", whole, f.get(size)))
        f.b.store(f.b.select(longer, whole, f.get(size)), size)
        f.b.store(f.b.select(taken, f.get(end), I64(0)), end)
        f.b.store(f.b.add(f.get(at), I64(1)), at)
    got = f.variable(_pread(f, descriptor, workspace, f.get(size), start))
    with f.b.if_then(f.b.icmp_signed("<", f.get(got), length)):
        f.b.store(_pread(f, descriptor, workspace, length, start), got)
    f.put(workspace, WINDOW, start)
    f.put(workspace, WINDOW_SIZE, f.b.select(f.b.icmp_signed(">", f.get(got), I64(0)), f.get(got), I64(0)))
    f.b.ret(I64(0))
    return f.function


def _pread(f: Function, descriptor: ir.Value, workspace: ir.Value, size: ir.Value, start: ir.Value) -> ir.Value:
    pread = f.b.function.module.declared("pread", I64, [I32, POINTER, I64, I64])
    return f.b.call(pread, [descriptor, f.address(f.field(workspace, SCRATCH)), size, start])


def _emit_add_up(module: ir.Module) -> None:
    f = Function(module, "add_up", [POINTER, I64, POINTER], internal=False)
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
