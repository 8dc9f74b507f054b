"""From LLVM IR to callables: object code, made once or found in a cache, then loaded."""

from __future__ import annotations

import ctypes
import hashlib
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hzdsl.caches import Cache, Stored
from hzdsl.version import __version__

#: LLVM's global context and symbol table take one compilation at a time.
_COMPILING = threading.Lock()
#: Lines of LLVM IR above which a program takes seconds to compile.
_LARGE = 30_000
_PACKAGE = Path(__file__).parents[1]
#: The folders that decide what is made of LLVM IR, whoever has written it.
_OWN = ("native",)


class Native:
    """A loaded module; it stays loaded as long as it, or a function of it, is referred to."""

    def __init__(self, engine: Any, addresses: Mapping[str, int]) -> None:
        self._engine, self._addresses = engine, addresses

    def function(self, name: str, result: Any, *arguments: Any) -> Any:
        """Return one of the entries as a callable of ctypes, which releases the GIL while it runs."""
        found = ctypes.CFUNCTYPE(result, *arguments)(self._addresses[name])
        # or the code would be freed while it runs, where two threads make the same module
        found.module = self  # type: ignore[attr-defined]
        return found


def compile_module(
    text: str, symbols: Mapping[str, int], entries: Sequence[str], level: int | None = None, cache: Cache | None = None
) -> Native:
    """Compile textual LLVM IR, or load what was made of the same text before.

    Parameters
    ----------
    text : str
        The module.
    symbols : mapping of str to int
        Addresses of the functions that it declares and does not define.
    entries : sequence of str
        The functions to be called from outside.
    level : int, optional
        How much to optimise, as `object_code` does.
    cache : Cache, optional
        Where object code is kept.
    """

    def made() -> Stored:
        return Stored(object_code(text, level))

    stored = made() if cache is None else cache.kept(object_key("text", str(level), text), made)
    return load(stored.data, symbols, entries)


def object_key(*decide: str) -> str:
    """Return the key of object code that these texts decide, on this machine and with these versions."""
    import llvmlite
    import llvmlite.binding as llvm

    with _COMPILING:
        machine = [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), llvm.get_process_triple()]
    parts = [__version__, llvmlite.__version__, source_files(_OWN), *machine, *decide]
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


def source_files(folders: Iterable[str]) -> str:
    """Return what changes whenever a source file in these folders of the package is another: names, sizes and times."""
    found = []
    for folder in folders:
        with os.scandir(_PACKAGE / folder) as entries:
            files = [(e.name, e.stat()) for e in entries if e.name.endswith(".py")]
        found += sorted(f"{folder}/{name} {s.st_size} {s.st_mtime_ns}" for name, s in files)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def object_code(text: str, level: int | None = None) -> bytes:
    """Return the object code of textual LLVM IR, optimised as the size suggests unless a level (0 to 3) is given.

    What pays was measured (benchmarks/kernels.py; compiling, then running, each relative to LLVM's level 2):

    =============================  ========  ======================  ======================
    code                           level 2   `_lean`                 `_lean`, fast codegen
    =============================  ========  ======================  ======================
    df103 4mu, 960 instructions    1.0, 1.0  0.5, 0.8-1.0            0.15, 1.3-1.7
    H to 4l with FSR, 6750         1.0, 1.0  0.45, 1.0-1.2           0.15, 1.6-1.9
    ten variations of pt, 7070     1.0, 1.0  0.4, 0.8-1.0            0.15, 1.7
    =============================  ========  ======================  ======================

    Event loops gain nothing from vectorisers, unrolling or the loop passes; half of the time is LLVM's selection of
    instructions. Its fast codegen is for programs that take seconds to compile.
    """
    import llvmlite.binding as llvm

    with _COMPILING:
        small = text.count("\n") < _LARGE
        machine = _machine((1 if small else 0) if level is None else level)
        module = llvm.parse_assembly(text)
        module.verify()
        if level is None:
            _lean(module, machine)
        else:
            _usual(module, machine, level)
        code: bytes = machine.emit_object(module)
        return code


def load(code: bytes, symbols: Mapping[str, int], entries: Sequence[str]) -> Native:
    """Load object code of this machine; what is damaged would end the process."""
    import llvmlite.binding as llvm

    with _COMPILING:
        for name, address in symbols.items():
            llvm.add_symbol(name, address)
        machine = _target().create_target_machine()
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return Native(engine, {name: engine.get_function_address(name) for name in entries})


def _machine(level: int) -> Any:
    """Return LLVM's idea of this machine, which selects instructions with more care the higher the level."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    # The small code model ends the process where sections lie more than 2 GB apart, as they may in one that holds much
    # memory; the one for code made at run time reaches everywhere.
    return _target().create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=level)


def _target() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()  # an engine ends the process without one
    return llvm.Target.from_default_triple()


def _lean(module: Any, machine: Any) -> None:
    """Optimise as event loops need it."""
    import llvmlite.binding as llvm

    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))


def _usual(module: Any, machine: Any, level: int) -> None:
    """Optimise as LLVM does at a level, without what event loops gain nothing from."""
    import llvmlite.binding as llvm

    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
