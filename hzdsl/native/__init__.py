"""Native code for those who emit LLVM IR (the compiled backend, the reader of baskets): compiled, kept, called."""

from hzdsl.native.compiler import Native, compile_module, load, object_code, object_key, source_files
from hzdsl.native.kernels import KERNELS, kernel_cache
from hzdsl.native.libraries import find_function, function_of, libc, libm

__all__ = [
    "KERNELS",
    "Native",
    "compile_module",
    "find_function",
    "function_of",
    "kernel_cache",
    "libc",
    "libm",
    "load",
    "object_code",
    "object_key",
    "source_files",
]
