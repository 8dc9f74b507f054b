"""Choosing a backend by name."""

from __future__ import annotations

from hzdsl.backends.base import Backend
from hzdsl.errors import HzdslError, did_you_mean

NAMES = ("codegen", "interpret")


def backend_of(backend: str | Backend) -> Backend:
    """Return a backend: a new one of this name, or the one given.

    Raises
    ------
    HzdslError
        `name-unknown`

    Examples
    --------
    >>> backend_of("interpet")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[name-unknown]: there is no backend 'interpet'
      fix: did you mean interpret?
    """
    if not isinstance(backend, str):
        return backend
    if backend == "interpret":
        from hzdsl.backends.interpret import InterpretBackend

        return InterpretBackend()
    if backend == "codegen":
        from hzdsl.backends.codegen import CodegenBackend
        from hzdsl.native import kernel_cache

        return CodegenBackend(cache=kernel_cache())
    fix = did_you_mean(backend, NAMES) or f"backends: {', '.join(NAMES)}"
    raise HzdslError("name-unknown", f"there is no backend '{backend}'", fix=fix)
