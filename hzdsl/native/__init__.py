"""Native code for those who emit LLVM IR (the compiled backend, the reader of baskets): compiled, loaded, called."""

from hzdsl.native.compiler import Native, compile_module
from hzdsl.native.libraries import find_function, libc, libm

__all__ = ["Native", "compile_module", "find_function", "libc", "libm"]
