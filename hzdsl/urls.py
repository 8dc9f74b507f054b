"""What an address of a file on a server looks like."""

from __future__ import annotations

import re

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_url(path: str) -> bool:
    """Return whether `path` names something on a server.

    Examples
    --------
    >>> is_url("https://host/a.root"), is_url("data/a.root"), is_url("/tmp/a://b.root")
    (True, False, False)
    """
    return _URL.match(path) is not None
