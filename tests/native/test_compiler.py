"""Modules compiled, kept and loaded."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from ctypes import c_double

from hzdsl.caches import Cache
from hzdsl.native import KERNELS, compile_module, compiler, libm, object_key

TEXT = """
declare double @hz_sin(double)
define double @twice(double %x) {
  %y = call double @hz_sin(double %x)
  %z = fmul double %y, 2.0
  ret double %z
}
"""


def twice(cache: Cache | None, text: str = TEXT) -> float:
    native = compile_module(text, {"hz_sin": libm("sin")}, ["twice"], cache=cache)
    gc.collect()
    return native.function("twice", c_double, c_double)(0.5)


def test_the_same_from_the_cache(tmp_path, monkeypatch):
    cache = Cache(KERNELS, tmp_path)
    first = twice(cache)
    assert first == twice(None)
    assert len(cache.sizes()) == 1
    monkeypatch.setattr("hzdsl.native.compiler.object_code", None)  # would not be callable
    assert twice(cache) == first


def test_another_text_is_another_module(tmp_path):
    cache = Cache(KERNELS, tmp_path)
    assert twice(cache, TEXT.replace("2.0", "4.0")) == 2 * twice(cache)
    assert len(cache.sizes()) == 2


def test_the_key_knows_where_one_part_ends():
    assert object_key("ab", "c") != object_key("a", "bc")


def test_the_compiler_itself_is_in_the_key(monkeypatch):
    before = object_key("a")
    monkeypatch.setattr(compiler, "_OWN", ("native/ir",))
    assert object_key("a") != before


def test_code_stays_loaded_as_long_as_a_function_of_it_is_referred_to():
    """Of two threads that make the same module, one loses its own while it runs it."""
    native = compile_module(TEXT, {"hz_sin": libm("sin")}, ["twice"])
    module, function = weakref.ref(native), native.function("twice", c_double, c_double)
    del native
    gc.collect()
    assert module() is not None
    assert function(0.5) == twice(None)
    del function
    gc.collect()
    assert module() is None


FAR = """
import ctypes
import llvmlite.binding as llvm
from hzdsl.native import compiler

TEXT = '''
@table = internal constant [2 x double] [double 1.5, double 2.5]
@state = internal global [400000 x double] zeroinitializer
define double @f(i64 %k) {
  %p = getelementptr [2 x double], [2 x double]* @table, i64 0, i64 %k
  %a = load double, double* %p
  %q = getelementptr [400000 x double], [400000 x double]* @state, i64 0, i64 %k
  %b = load double, double* %q
  %c = fadd double %a, %b
  store double %c, double* %q
  ret double %c
}
'''
c = ctypes.CDLL(None)
c.mmap.restype = ctypes.c_void_p
c.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
c.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
size = 3 << 30
private_anonymous_unreserved = 0x22 | 0x4000
start = c.mmap(None, size, 0, private_anonymous_unreserved, -1, 0)
for page in (8, 16, 24):  # room for code and not for its data, which go to the other side
    c.munmap(start + size - 4096 * page, 4096)
f = compiler.load(compiler.object_code(TEXT), {}, ["f"]).function("f", ctypes.c_double, ctypes.c_int64)
assert [f(0), f(1)] == [1.5, 2.5]
"""


def test_code_and_its_data_may_be_far_apart() -> None:
    """As they are in a process that holds gigabytes; LLVM ends the process where code does not reach its data."""
    done = subprocess.run([sys.executable, "-c", FAR], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
