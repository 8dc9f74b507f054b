"""Where object code is kept from one process to the next."""

from __future__ import annotations

from hzdsl.caches import Cache, Kind

#: Some hundred kB for each analysis.
KERNELS = Kind("object code", "kernels", ".kernel", 500_000_000)


def kernel_cache() -> Cache:
    """Return the user's own cache."""
    return Cache(KERNELS)
