"""Addresses of functions of C libraries."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.machinery
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType


def libm(name: str) -> int:
    """Return the address of a function of the C library's mathematics, the one that numexpr calls.

    Examples
    --------
    >>> libm("sin") > 0
    True
    """
    found = _address(_mathematics(), name)
    assert found is not None, name
    return found


def function_of(name: str) -> int:
    """Return the address of a function of the C library's mathematics, or of one of those that scipy has beside them.

    Examples
    --------
    >>> function_of("sin") == libm("sin")
    True
    """
    return _of_scipy(name) if name in _OF_SCIPY else libm(name)


#: Functions of scipy, and the signatures under which its module of C functions exports them.
_OF_SCIPY = MappingProxyType({"wofz": b"__pyx_t_double_complex (__pyx_t_double_complex, int __pyx_skip_dispatch)"})


def _of_scipy(name: str) -> int:
    """Return the address of a function that `scipy.special.cython_special` exports to other compiled code."""
    from scipy.special import cython_special

    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    found = pointer(cython_special.__pyx_capi__[name], _OF_SCIPY[name])
    assert isinstance(found, int)
    return found


def libc(name: str) -> int | None:
    """Return the address of a function that the process itself has (``pread``), or None."""
    return _address(ctypes.CDLL(None), name)


def find_function(name: str, extensions: Iterable[str], libraries: Iterable[str]) -> int | None:
    """Return the address of a C function, or None where no library has it.

    Parameters
    ----------
    name : str
        The symbol.
    extensions : iterable of str
        Extension modules that may have it (``deflate._deflate``): wheels bring their C library along. They are
        not imported.
    libraries : iterable of str
        Shared libraries to try then, as `ctypes.CDLL` takes them.

    Examples
    --------
    >>> find_function("no_such_function", ["no_package.module"], ["libnothing.so.0"]) is None
    True
    """
    for path in (*_files(extensions), *libraries):
        try:
            found = _address(ctypes.CDLL(str(path)), name)
        except OSError:
            continue
        if found is not None:
            return found
    return None


def _files(extensions: Iterable[str]) -> Iterator[Path]:
    for module in extensions:
        package, _, stem = module.rpartition(".")
        if not package:
            spec = importlib.util.find_spec(module)
            if spec is not None and spec.origin is not None:
                yield Path(spec.origin)
            continue
        names = [stem + suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES]
        paths = (Path(folder, name) for folder in _folders(package) for name in names)
        yield from (path for path in paths if path.exists())


def _folders(package: str) -> list[str]:
    """Return where a package lies, without importing it (``lz4.block``: its parent is)."""
    top, *rest = package.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.submodule_search_locations is None:
        return []
    return [str(Path(folder, *rest)) for folder in spec.submodule_search_locations]


def _mathematics() -> ctypes.CDLL:
    try:
        return ctypes.CDLL("libm.so.6")  # asking where it is costs a process
    except OSError:
        return ctypes.CDLL(ctypes.util.find_library("m"))


def _address(library: ctypes.CDLL, name: str) -> int | None:
    function = getattr(library, name, None)
    return None if function is None else ctypes.cast(function, ctypes.c_void_p).value
