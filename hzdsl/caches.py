"""Where hzdsl keeps what it can make again: generated events, object code."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """Return `$HZDSL_CACHE`, else `$XDG_CACHE_HOME/hzdsl`, else `~/.cache/hzdsl`.

    A relative `$XDG_CACHE_HOME` is ignored, as the XDG specification wants it.
    """
    own, base = os.environ.get("HZDSL_CACHE", ""), os.environ.get("XDG_CACHE_HOME", "")
    if own:
        return Path(own).absolute()
    return (Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~/.cache"))) / "hzdsl"
