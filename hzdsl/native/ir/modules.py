"""Modules, their functions and the blocks of these."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.native.ir.values import DOUBLE, POINTER, VOID, Phi, Type, Value

#: That something never changes; that a branch is hardly ever not taken.
_METADATA = ("!0 = !{}", '!1 = !{!"branch_weights", i32 100000, i32 1}')


class Module:
    """Functions and tables by their names."""

    def __init__(self) -> None:
        self.globals: dict[str, Function] = {}
        self._tables: list[str] = []

    def table(self, numbers: Sequence[float]) -> Value:
        """Return the address of f64 constants."""
        name = f"@table.{len(self._tables)}"
        content = ", ".join(f"double {DOUBLE.written(x)}" for x in numbers)
        self._tables.append(f"{name} = internal constant [{len(numbers)} x double] [{content}]")
        return Value(POINTER, name)

    def variable(self, value: Value, align: int) -> Value:
        """Return the address of a value in memory, another one for each that asks; LLVM does not know that it stays."""
        name = f"@variable.{len(self._tables)}"
        self._tables.append(f"{name} = internal global {value.typed}, align {align}")
        return Value(POINTER, name)

    def declared(self, name: str, result: Type, arguments: Sequence[Type], attributes: str = "") -> Function:
        """Return a function that is defined elsewhere, declaring it where it is new."""
        found = self.globals.get(name)
        return Function(self, name, result, arguments, attributes=attributes) if found is None else found

    def __str__(self) -> str:
        return "\n".join([*self._tables, *map(str, self.globals.values()), *_METADATA, ""])


class Function(Value):
    """A function, declared as long as it has no blocks."""

    def __init__(
        self,
        module: Module,
        name: str,
        result: Type = VOID,
        arguments: Sequence[Type] = (),
        *,
        internal: bool = False,
        attributes: str = "",
    ) -> None:
        super().__init__(POINTER, f'@"{name}"')
        self.module, self.name, self.result, self.blocks = module, name, result, list[Block]()
        self.args = [Value(t, f"%a{k}") for k, t in enumerate(arguments)]
        self._internal, self._attributes, self._number = internal, attributes, 0
        module.globals[name] = self

    def append_basic_block(self, name: str) -> Block:
        """Return a new block at the end."""
        self.blocks.append(Block(self, f"{name}.{len(self.blocks)}"))
        return self.blocks[-1]

    def register(self) -> str:
        """Return the name of a new register."""
        self._number += 1
        return f"%r{self._number}"

    def __str__(self) -> str:
        given = ", ".join(a.typed if self.blocks else a.type.text for a in self.args)
        head = f"{self.result.text} {self.text}({given}) {self._attributes}".rstrip()
        if not self.blocks:
            return f"declare {head}"
        lines = [f"define {'internal ' if self._internal else ''}{head} {{"]
        for block in self.blocks:
            lines.append(f"{block.name}:")
            lines += map(str, block.lines)
        return "\n".join([*lines, "}"])


class Block:
    """A stretch of instructions that ends by going elsewhere."""

    __slots__ = ("function", "is_terminated", "lines", "name")

    def __init__(self, function: Function, name: str) -> None:
        self.function, self.name, self.is_terminated = function, name, False
        self.lines: list[str | Phi] = []
