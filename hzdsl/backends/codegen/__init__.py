"""The compiled backend: one native event loop per program, written with llvmlite."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.chains import CHAIN_ROWS
from hzdsl.backends.codegen.combinations import CHOICE_ROWS
from hzdsl.backends.codegen.kernel import CompiledKernel
from hzdsl.backends.codegen.listing import LISTED_ROWS
from hzdsl.backends.codegen.loops import LOOP_ROWS
from hzdsl.backends.codegen.program import emit_program
from hzdsl.backends.codegen.rows_reductions import REDUCTION_ROWS
from hzdsl.backends.codegen.rows_references import REFERENCE_ROWS
from hzdsl.backends.codegen.rows_scalar import C_PREFIX, SCALAR_ROWS
from hzdsl.backends.codegen.rows_tables import TABLE_ROWS
from hzdsl.errors import HzdslError
from hzdsl.native import compile_module, libm

#: One row per operation of `hzdsl.ir.ops`: those that make an axis emit a loop, the others a value.
ROWS: Mapping[str, Any] = MappingProxyType(
    {
        **LOOP_ROWS,
        **LISTED_ROWS,
        **CHOICE_ROWS,
        **CHAIN_ROWS,
        **REFERENCE_ROWS,
        **REDUCTION_ROWS,
        **SCALAR_ROWS,
        **TABLE_ROWS,
    }
)


class CodegenBackend:
    """Compiles programs to native code.

    Parameters
    ----------
    rows : mapping, optional
        The table of operations; tests pass one with a fault.
    level : int, optional
        How much LLVM optimises, from 0 to 3; without one, what pays for a program of that size. The bits of the results
        do not depend on it.
    """

    name = "codegen"

    def __init__(self, rows: Mapping[str, Any] = ROWS, level: int | None = None) -> None:
        self._rows, self._level = rows, level

    def compile(self, program: Program) -> CompiledKernel:
        """Return the program as native code.

        Raises
        ------
        HzdslError
            ``unsupported`` for hundreds of combinations or sorted lists of one another: each is a loop in a loop.
        """
        try:
            module, layout = emit_program(program, self._rows)
        except RecursionError:
            raise HzdslError(
                "unsupported",
                "selections, combinations or lists build on one another in too many steps to be compiled",
                fix="join their conditions in fewer selections, or use backend='interpret'",
            ) from None
        called = [name for name in module.globals if name.startswith(C_PREFIX)]
        symbols = {name: libm(name.removeprefix(C_PREFIX)) for name in called}
        native = compile_module(str(module), symbols, ["kernel"], self._level)
        return CompiledKernel(program, native, layout)
