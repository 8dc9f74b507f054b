"""Modules compiled, kept and loaded."""

from __future__ import annotations

import gc
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
