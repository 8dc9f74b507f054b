"""Native code for those who emit LLVM IR (the compiled backend, the reader of baskets): compiled, kept, called."""

from hzdsl.native.cache import Cache, Stored, kernel_cache
from hzdsl.native.compiler import Native, compile_module, load, object_code, object_key
from hzdsl.native.libraries import libm

__all__ = [
    "Cache",
    "Native",
    "Stored",
    "compile_module",
    "kernel_cache",
    "libm",
    "load",
    "object_code",
    "object_key",
]
