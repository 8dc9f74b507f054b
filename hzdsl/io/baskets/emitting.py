"""Writing functions of LLVM IR on 64-bit numbers and addresses, as the reading loop needs them."""

from __future__ import annotations

from hzdsl.native import ir

I1, I8, I16, I32, I64 = (ir.IntType(n) for n in (1, 8, 16, 32, 64))
POINTER = ir.POINTER


class Function:
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

    def put(self, pointer: ir.Value, index: int, number: ir.Value) -> None:
        """Write a 64-bit field of a record."""
        self.b.store(number, self.b.gep(pointer, [I64(index)], source_etype=I64))

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
