"""Instructions, written at the end of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hzdsl.native.ir.modules import Block, Function
from hzdsl.native.ir.values import POINTER, VOID, IntType, Phi, Type, Value, VectorType

_EQUAL = {"==": "eq", "!=": "ne"}
_ORDER = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_SIGNED = {**_EQUAL, **{k: f"s{v}" for k, v in _ORDER.items()}}
_UNSIGNED = {**_EQUAL, **{k: f"u{v}" for k, v in _ORDER.items()}}
_ORDERED = {**{k: f"o{v}" for k, v in {**_EQUAL, **_ORDER}.items()}, "ord": "ord"}
_UNORDERED = {**{k: f"u{v}" for k, v in {**_EQUAL, **_ORDER}.items()}, "uno": "uno"}
_BIT = IntType(1)


#: What changes nothing, on either side, among integers: most of what is emitted has some of it.
_NEUTRAL = {"add": "0", "or": "0", "xor": "0", "mul": "1"}


def _binary(op: str) -> Callable[[IRBuilder, Value, Value], Value]:
    neutral, same = _NEUTRAL.get(op), op in ("and", "or")

    def emit(self: IRBuilder, a: Value, b: Value) -> Value:
        if neutral is not None and b.text == neutral:
            return a
        if neutral is not None and a.text == neutral:
            return b
        if same and a.text == b.text:
            return a
        if op == "mul" and a.text == "0":
            return a
        return self.new(a.type, f"{op} {a.type.text} {a.text}, {b.text}")

    return emit


def _comparison(op: str, names: dict[str, str]) -> Callable[[IRBuilder, str, Value, Value], Value]:
    def emit(self: IRBuilder, symbol: str, a: Value, b: Value) -> Value:
        type_ = VectorType(_BIT, a.type.size) if isinstance(a.type, VectorType) else _BIT
        return self.new(type_, f"{op} {names[symbol]} {a.type.text} {a.text}, {b.text}")

    return emit


def _conversion(op: str) -> Callable[[IRBuilder, Value, Type], Value]:
    def emit(self: IRBuilder, x: Value, type_: Type) -> Value:
        return x if x.type == type_ else self.new(type_, f"{op} {x.typed} to {type_.text}")

    return emit


class IRBuilder:
    """Writes instructions at the end of a block."""

    def __init__(self, block: Block) -> None:
        self.block, self.function = block, block.function

    def position_at_end(self, block: Block) -> None:
        """Go on in another block."""
        self.block = block

    @contextmanager
    def before_end(self, block: Block) -> Iterator[None]:
        """Write what is done in another block, before one leaves it."""
        here, end = self.block, block.lines.pop()
        self.block = block
        yield
        block.lines.append(end)
        self.block = here

    def append_basic_block(self, name: str) -> Block:
        """Return a new block of the function."""
        return self.function.append_basic_block(name)

    def new(self, type_: Type, what: str) -> Value:
        """Write an instruction and return its value."""
        register = self.function.register()
        self.block.lines.append(f"  {register} = {what}")
        return Value(type_, register)

    add = _binary("add")
    sub = _binary("sub")
    mul = _binary("mul")
    srem = _binary("srem")
    urem = _binary("urem")
    fadd = _binary("fadd")
    fsub = _binary("fsub")
    fmul = _binary("fmul")
    fdiv = _binary("fdiv")
    and_ = _binary("and")
    or_ = _binary("or")
    xor = _binary("xor")
    shl = _binary("shl")
    lshr = _binary("lshr")
    ashr = _binary("ashr")

    def not_(self, x: Value) -> Value:
        """Flip all bits."""
        return self.xor(x, x.type(-1))

    def neg(self, x: Value) -> Value:
        """Return 0 - x of an integer."""
        return self.sub(x.type(0), x)

    def fneg(self, x: Value) -> Value:
        """Return -x of a floating-point number."""
        return self.new(x.type, f"fneg {x.typed}")

    icmp_signed = _comparison("icmp", _SIGNED)
    icmp_unsigned = _comparison("icmp", _UNSIGNED)
    fcmp_ordered = _comparison("fcmp", _ORDERED)
    fcmp_unordered = _comparison("fcmp", _UNORDERED)
    trunc = _conversion("trunc")
    zext = _conversion("zext")
    sext = _conversion("sext")
    bitcast = _conversion("bitcast")
    fpext = _conversion("fpext")
    fptrunc = _conversion("fptrunc")
    sitofp = _conversion("sitofp")
    uitofp = _conversion("uitofp")
    fptosi = _conversion("fptosi")
    inttoptr = _conversion("inttoptr")

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        """Return one of two values."""
        return self.new(a.type, f"select {condition.typed}, {a.typed}, {b.typed}")

    def extract(self, pair: Value, index: int, type_: Type) -> Value:
        """Return one of the values of a structure in registers."""
        return self.new(type_, f"extractvalue {pair.typed}, {index}")

    def bswap(self, x: Value) -> Value:
        """Return an integer with its bytes in the other order."""
        name = f"llvm.bswap.{x.type.text}"
        return self.call(self.function.module.declared(name, x.type, [x.type]), [x])

    def alloca(self, type_: Type) -> Value:
        """Return the address of a local variable."""
        return self.new(POINTER, f"alloca {type_.text}")

    def gep(self, pointer: Value, indices: Sequence[Value], source_etype: Type) -> Value:
        """Return the address of an element of an array."""
        (index,) = indices
        return self.new(POINTER, f"getelementptr {source_etype.text}, ptr {pointer.text}, {index.typed}")

    def load(self, address: Value, typ: Type, align: int | None = None, *, invariant: bool = False) -> Value:
        """Return what is in memory; `invariant`: it never changes."""
        aligned = "" if align is None else f", align {align}"
        told = ", !invariant.load !0" if invariant else ""
        return self.new(typ, f"load {typ.text}, ptr {address.text}{aligned}{told}")

    def store(self, value: Value, address: Value, align: int | None = None) -> None:
        """Write to memory."""
        aligned = "" if align is None else f", align {align}"
        self.block.lines.append(f"  store {value.typed}, ptr {address.text}{aligned}")

    def phi(self, type_: Type) -> Phi:
        """Return a value that depends on where one comes from; it stands at the start of a block."""
        made = Phi(type_, self.function.register())
        self.block.lines.append(made)
        return made

    def call(self, function: Function, arguments: Sequence[Value]) -> Value:
        """Call a function."""
        what = f"call {function.result.text} {function.text}({', '.join([a.typed for a in arguments])})"
        if function.result is VOID:
            self.block.lines.append(f"  {what}")
            return Value(VOID, "")
        return self.new(function.result, what)

    # ---- control flow ----

    def _end(self, what: str) -> None:
        assert not self.block.is_terminated
        self.block.lines.append(f"  {what}")
        self.block.is_terminated = True

    def branch(self, block: Block) -> None:
        """Go on elsewhere."""
        self._end(f"br label %{block.name}")

    def cbranch(self, condition: Value, yes: Block, no: Block) -> None:
        """Go on in one of two blocks."""
        self._end(f"br i1 {condition.text}, label %{yes.name}, label %{no.name}")

    def ret(self, value: Value) -> None:
        """Return a value."""
        self._end(f"ret {value.typed}")

    def ret_void(self) -> None:
        """Return."""
        self._end("ret void")

    @contextmanager
    def loop(self, start: Value, stop: Value, step: int = 1) -> Iterator[tuple[Value, Block]]:
        """Write a loop from start to below stop; yields the index and the block to branch to for leaving early."""
        before = self.block
        head, body, after = (self.append_basic_block(name) for name in ("head", "body", "done"))
        self.branch(head)
        self.position_at_end(head)
        i = self.phi(start.type)
        i.add_incoming(start, before)
        self.cbranch(self.icmp_signed("<", i, stop), body, after)
        self.position_at_end(body)
        yield i, after
        if not self.block.is_terminated:
            i.add_incoming(self.add(i, start.type(step)), self.block)
            self.branch(head)
        self.position_at_end(after)

    @contextmanager
    def loop_while(self, condition: Callable[[], Value]) -> Iterator[Block]:
        """Write a loop for as long as what `condition` writes holds; yields the block for leaving early."""
        head, body, after = (self.append_basic_block(name) for name in ("head", "body", "done"))
        self.branch(head)
        self.position_at_end(head)
        self.cbranch(condition(), body, after)
        self.position_at_end(body)
        yield after
        self.branch(head)
        self.position_at_end(after)

    @contextmanager
    def if_then(self, condition: Value) -> Iterator[None]:
        """Write what is done where a condition holds."""
        inside, after = self.append_basic_block("then"), self.append_basic_block("after")
        self.cbranch(condition, inside, after)
        self.position_at_end(inside)
        yield
        if not self.block.is_terminated:
            self.branch(after)
        self.position_at_end(after)
