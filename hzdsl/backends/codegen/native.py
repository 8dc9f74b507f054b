"""From LLVM IR to a callable: target machine, optimisation, libm's addresses, the loaded object."""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
from collections.abc import Callable, Iterable
from typing import Any

import llvmlite.binding as llvm

#: LLVM's global context and symbol table take one compilation at a time.
_COMPILING = threading.Lock()
_SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)  # releases the GIL while it runs
_PREFIX = "hz_"
#: Lines of LLVM IR above which a program is large.
_LARGE = 8000


class Native:
    """A loaded kernel. Keep it as long as `call` is used."""

    def __init__(self, engine: Any, address: int) -> None:
        self._engine = engine
        self.call: Callable[[int, int], None] = _SIGNATURE(address)


def compile_module(text: str, symbols: Iterable[str], level: int | None = None) -> Native:
    """Compile textual LLVM IR whose entry is ``kernel``.

    Parameters
    ----------
    text : str
        The module.
    symbols : iterable of str
        Functions it declares; those called ``hz_<name>`` are bound to the C library's ``<name>``.
    level : int, optional
        How much to optimise; by default as the size suggests.

    Vectorisers and unrolling stay off: event loops gain nothing from them. A large program is optimised less: with
    44 000 lines (a whole four-lepton analysis) level 2 takes 7.6 s and level 1 1.1 s, for code that is nearly as fast.
    """
    if level is None:
        level = 2 if text.count("\n") < _LARGE else 1
    with _COMPILING:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        for symbol in symbols:
            if symbol.startswith(_PREFIX):
                llvm.add_symbol(symbol, _c_address(symbol.removeprefix(_PREFIX)))
        machine = _machine(level)
        module = llvm.parse_assembly(text)
        module.verify()
        _optimise(module, machine, level)
        engine = llvm.create_mcjit_compiler(module, machine)
        engine.finalize_object()
        return Native(engine, engine.get_function_address("kernel"))


def _machine(level: int) -> Any:
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=level)


def _optimise(module: Any, machine: Any, level: int) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


def _c_address(name: str) -> int:
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address
