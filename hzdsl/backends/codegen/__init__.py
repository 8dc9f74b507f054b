"""The compiled backend: one native event loop per program, as LLVM IR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.identity import Order, layout_from, layout_told, program_key
from hzdsl.backends.codegen.kernel import CompiledKernel
from hzdsl.caches import Cache, Stored
from hzdsl.errors import HzdslError
from hzdsl.native import function_of, load, object_code

#: What the names of functions of the C library begin with in the emitted code.
C_PREFIX = "hz_"


class CodegenBackend:
    """Compiles programs to native code.

    Parameters
    ----------
    rows : mapping, optional
        A table of operations in the place of the backend's own; tests pass one with a fault.
    level : int, optional
        How much LLVM optimises, from 0 to 3; without one, what pays for a program of that size. The bits of the results
        do not depend on it.
    cache : Cache, optional
        Where object code is kept from one process to the next; that of a table of tests is not.
    """

    name = "codegen"

    def __init__(
        self, rows: Mapping[str, Any] | None = None, level: int | None = None, cache: Cache | None = None
    ) -> None:
        self._rows, self._level, self._cache = rows, level, cache if rows is None else None

    def compile(self, program: Program) -> CompiledKernel:
        """Return the program as native code.

        Raises
        ------
        HzdslError
            ``unsupported`` for hundreds of combinations or sorted lists of one another: each is a loop in a loop.
        """
        order = Order(program)
        stored = self._stored(program, order)
        about = stored.about
        native = load(stored.data, {name: function_of(name.removeprefix(C_PREFIX)) for name in about["c"]}, ["kernel"])
        return CompiledKernel(program, native, layout_from(about["layout"], order), order.parameters())

    def keeps(self, program: Program) -> bool:
        """Return whether the object code of a program lies in the cache."""
        return (
            self._cache is not None and self._cache.get(program_key(program, Order(program), self._level)) is not None
        )

    def _stored(self, program: Program, order: Order) -> Stored:
        """Return what the cache holds of the same program, found before anything is emitted; else what is made now."""
        if self._cache is None:
            return self._made(program, order)
        return self._cache.kept(program_key(program, order, self._level), lambda: self._made(program, order))

    def _made(self, program: Program, order: Order) -> Stored:
        from hzdsl.backends.codegen.program import emit_program  # imported where something is emitted
        from hzdsl.backends.codegen.table import ROWS

        try:
            module, layout = emit_program(program, ROWS if self._rows is None else self._rows)
        except RecursionError:
            raise HzdslError(
                "unsupported",
                "selections, combinations or lists build on one another in too many steps to be compiled",
                fix="join their conditions in fewer selections, or use backend='interpret'",
            ) from None
        called = [name for name in module.globals if name.startswith(C_PREFIX)]
        about = {"c": called, "layout": layout_told(layout, order)}
        return Stored(object_code(str(module), self._level), about)
