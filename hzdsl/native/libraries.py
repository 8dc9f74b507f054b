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
    return address_in(ctypes.CDLL(ctypes.util.find_library("m")), name)


def address_in(library: ctypes.CDLL, name: str) -> int:
    """Return the address of a function of an open library."""
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address
