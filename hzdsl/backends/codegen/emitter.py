"""Emitting one function: demand-driven evaluation of nodes at the positions that enclosing loops have bound.

Positions are those of `hzdsl.backends.codegen.positions`.

`eval` emits a node once per scope: a scope is a stretch of code that dominates what follows (function, loop body,
branch), so a value found in an enclosing scope can be used as it is. Nothing here can trap or read out of range,
whatever the data, so evaluating early is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from hzdsl.backends.codegen.layout import Layout
from hzdsl.backends.codegen.lltypes import F64, I1, I8, I64, MEMORY, POINTER, REGISTER
from hzdsl.backends.codegen.positions import Env, Val, axis_of
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.ir.walk import reached, values
from hzdsl.native import ir
from hzdsl.records import dataclass

if TYPE_CHECKING:
    from hzdsl.backends.codegen.sharing import Sharing

Row = Callable[["Emitter", Node, Env], Val]


@dataclass(frozen=True)
class Unit:
    """What all functions of a kernel have in common."""

    module: ir.Module
    layout: Layout
    rows: Mapping[str, Any]
    sharing: Sharing


class Emitter:
    """Emits one function of a kernel; `own` are the kept values that it finds, if any."""

    def __init__(self, unit: Unit, name: str, *, internal: bool = True, own: Sequence[Node] = ()) -> None:
        self.unit, self.module, self.layout, self.rows, self._own = unit, unit.module, unit.layout, unit.rows, own
        attributes = "noinline" if internal else ""  # one function per region keeps compile time linear
        function = ir.Function(unit.module, name, arguments=[I64, POINTER], internal=internal, attributes=attributes)
        self.function = function
        self.entry, self.context = function.args
        self._allocas = ir.IRBuilder(function.append_basic_block("allocas"))
        start = function.append_basic_block("start")
        self._start = start
        self.b = ir.IRBuilder(start)
        self.memo: list[dict[tuple[object, ...], Any]] = [{}]
        self._alive: list[object] = []
        self._loops: list[tuple[ir.Block, int]] = []  # the blocks before loops that are open, and their scopes

    def finish(self) -> None:
        """End the function."""
        self.b.ret_void()
        self._allocas.branch(self._start)

    # ---- evaluation ----

    def eval(self, node: Node, env: Env) -> Val:
        """Return the value of `node` at the bound positions, emitting it where no enclosing scope has it."""
        asked = (node, env.key(axis_of(node)))
        found: Val | None = self.find(asked)
        if found is None:
            for key in self._pending(node, env):
                if self.find(key) is None:
                    self.remember(key, self._compute(key[0], env))
            found = self.find(asked)
            assert found is not None
        return found

    def _pending(self, node: Node, env: Env) -> list[tuple[Node, tuple[int, ...]]]:
        """Return the keys of `node` and of operands that are not emitted yet, operands first; never recursive."""
        order: list[tuple[Node, tuple[int, ...]]] = []
        seen: set[Node] = set()
        stack = [(node, False)]
        while stack:
            n, expanded = stack.pop()
            key = (n, env.key(axis_of(n)))
            if expanded:
                order.append(key)
            elif n not in seen and self.find(key) is None:
                seen.add(n)
                stack.append((n, True))
                if not OPS[n.op].elsewhere and not self.shares(n):  # else its row asks for what it needs
                    stack += [(a, False) for a in reversed(values(n))]
        return order

    def shares(self, node: Node) -> bool:
        """Return whether a value is kept per event, for all functions."""
        return node in self.unit.sharing and node not in self._own

    def _compute(self, node: Node, env: Env) -> Val:
        if self.shares(node):
            return self.unit.sharing.read(self, node, env)
        cached = self.find(("cache", node, env.outer_key(axis_of(node)))) if env.certain else None
        if cached is not None:
            pointer, first = cached
            index = self.b.sub(env.at(axis_of(node))[0], first)
            return Val((self.load_element(pointer, index, node.type.dtype),))
        made: Val = self.rows[node.op](self, node, env)
        return made

    def find(self, key: tuple[object, ...]) -> Any:
        """Return what an enclosing scope remembers under `key`, or None."""
        for scope in reversed(self.memo):
            if key in scope:
                return scope[key]
        return None

    def remember(self, key: tuple[object, ...], value: Any) -> None:
        """Remember a value for the rest of the current scope."""
        self._alive.append(value)  # keys hold id()s of registers: keep the registers alive
        self.memo[-1][key] = value

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a scope: what is emitted inside may not be used after it."""
        self.memo.append({})
        yield
        self.memo.pop()

    def truth(self, value: Val) -> ir.Value:
        """Return whether a condition decides true: present and true."""
        return value.value if value.present is None else self.b.and_(value.present, value.value)

    def both(self, a: ir.Value | None, b: ir.Value | None) -> ir.Value | None:
        """Return the presence of what needs both operands."""
        if a is None or b is None:
            return a if b is None else b
        return a if a is b else self.b.and_(a, b)

    def hoist(self, nodes: Iterable[Node], env: Env) -> None:
        """Emit, before a loop, every part of `nodes` that does not depend on its positions."""
        for node in self._outside(nodes, env):
            if env.sees(axis_of(node)):
                self.eval(node, env)

    def prepare(self, nodes: Iterable[Node], env: Env) -> None:
        """See, before a loop, that what `nodes` need of values kept per event is known."""
        for node in self._outside(nodes, env):
            if not env.sees(axis_of(node)) and self.shares(node):
                self.unit.sharing.ensure(self, node)

    def _outside(self, nodes: Iterable[Node], env: Env) -> Iterator[Node]:
        """Yield what is needed of the parts of `nodes` that are not found at the positions of a loop themselves."""
        return reached(nodes, lambda n: () if env.sees(axis_of(n)) or self.shares(n) else values(n))

    # ---- control flow ----

    def variable(self, type_: ir.Type, initial: ir.Value) -> ir.Value:
        """Return the address of a new local variable."""
        address = self._allocas.alloca(type_)
        self.b.store(initial, address)
        return address

    def get(self, address: ir.Value, type_: ir.Type) -> ir.Value:
        """Return the content of a local variable."""
        return self.b.load(address, typ=type_)

    def block(self, name: str) -> ir.Block:
        """Return a new block."""
        return self.function.append_basic_block(name)

    @contextmanager
    def when(self, condition: ir.Value) -> Iterator[None]:
        """Emit code that runs where `condition` holds."""
        inside, after = self.block("then"), self.block("after")
        self.b.cbranch(condition, inside, after)
        self.b.position_at_end(inside)
        with self.scope():
            yield
        if not self.b.block.is_terminated:
            self.b.branch(after)
        self.b.position_at_end(after)

    @contextmanager
    def once(self, number: int) -> Iterator[None]:
        """Emit code that runs once per event, however often the function is called: thing `number` of the layout."""
        with self.when(self.not_yet(number)):
            self.store_element(self.slot("done"), I64(number), self.entry, DType.I64)
            yield

    def not_yet(self, number: int) -> ir.Value:
        """Return whether something that is done once was not done in this event."""
        return self.b.icmp_signed("!=", self.load_element(self.slot("done"), I64(number), DType.I64), self.entry)

    @property
    def repeats(self) -> bool:
        """Whether a loop is open."""
        return bool(self._loops)

    @contextmanager
    def loop(self, start: ir.Value, stop: ir.Value) -> Iterator[tuple[ir.Value, ir.Block]]:
        """Emit a loop over start to stop-1; yields the index and the block to branch to for leaving early."""
        self._loops.append((self.b.block, len(self.memo) - 1))
        with self.b.loop(start, stop) as (i, after), self.scope():
            yield i, after
        self._loops.pop()

    # ---- memory ----

    def slot(self, *what: Any, number: bool = False) -> ir.Value:
        """Return the content of a slot of the kernel's context: an address, or a 64-bit number.

        It is loaded before the outermost loop that is open.
        """
        index = self.layout.index(*what)
        found: ir.Value | None = self.find(("slot", index))
        if found is None:
            with self.b.before_end(self._loops[0][0]) if self._loops else nullcontext():
                found = self._load_slot(index, number)
            self._alive.append(found)
            self.memo[self._loops[0][1] if self._loops else -1]["slot", index] = found
        return found

    def _load_slot(self, index: int, number: bool) -> ir.Value:
        address = self.b.gep(self.context, [I64(index)], source_etype=I64)
        return self.b.load(address, typ=I64 if number else POINTER, invariant=True)

    def element(self, pointer: ir.Value, index: ir.Value, type_: ir.Type) -> ir.Value:
        """Return the address of an element of an array."""
        return self.b.gep(pointer, [index], source_etype=type_)

    def load_element(self, pointer: ir.Value, index: ir.Value, dtype: DType) -> ir.Value:
        """Return an element of an array of a dtype; a bool's byte becomes one bit."""
        value = self.b.load(self.element(pointer, index, MEMORY[dtype]), typ=MEMORY[dtype])
        return self.b.icmp_unsigned("!=", value, I8(0)) if dtype is DType.BOOL else value

    def store_element(self, pointer: ir.Value, index: ir.Value, value: ir.Value, dtype: DType) -> None:
        """Store an element of an array of a dtype."""
        stored_value = self.b.zext(value, I8) if dtype is DType.BOOL else value
        self.b.store(stored_value, self.element(pointer, index, MEMORY[dtype]))

    def zero(self, dtype: DType) -> ir.Value:
        """Return zero of a dtype."""
        return ir.Constant(REGISTER[dtype], 0 if not dtype.floating else 0.0)

    def canonical(self, value: Val, dtype: DType) -> ir.Value:
        """Return the number, or zero where it is missing."""
        if value.present is None:
            return value.value
        return self.b.select(value.present, value.value, self.zero(dtype))

    def present(self, value: Val) -> ir.Value:
        """Return the presence as a bit."""
        return I1(1) if value.present is None else value.present

    def number(self, x: float) -> ir.Value:
        """Return an f64 constant."""
        return ir.Constant(F64, x)
