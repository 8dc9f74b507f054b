"""Addresses of functions of C libraries."""

from __future__ import annotations

import ctypes
import ctypes.util


def libm(name: str) -> int:
    """Return the address of a function of the C library's mathematics, the one that numexpr calls.

    Examples
    --------
    >>> libm("sin") > 0
    True
    """
    try:
        library = ctypes.CDLL("libm.so.6")  # loaded already: nothing is searched for
    except OSError:
        library = ctypes.CDLL(ctypes.util.find_library("m"))
    return address_in(library, name)


def address_in(library: ctypes.CDLL, name: str) -> int:
    """Return the address of a function of an open library."""
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address
