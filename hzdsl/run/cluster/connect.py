"""Reaching the workers of a cluster by the address of their scheduler."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hzdsl.errors import HzdslError, first_line

#: Seconds for a scheduler to answer.
ANSWERS_WITHIN = 10.0
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx|inproc)://[^/\s]+:\d+(/\S*)?")
_START = "start one (dask scheduler), then its workers (dask worker tcp://HOST:8786)"


@contextmanager
def connected(address: str | None, seconds: float = ANSWERS_WITHIN) -> Iterator[Any]:
    """Give a client of a dask scheduler, closed at the end; without an address None.

    Parameters
    ----------
    address : str or None
        ``tcp://host:port``, or the file that ``dask scheduler --scheduler-file FILE.json`` writes.
    seconds : float
        How long an answer is waited for.

    Raises
    ------
    HzdslError
        `library-missing` without the package `distributed`; `cluster` where no scheduler answers.
    """
    if address is None:
        yield None
        return
    with _client(address, seconds) as client:
        yield client


def _client(address: str, seconds: float) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise HzdslError(
            "library-missing",
            "--dask needs the package distributed, which is not installed",
            fix="pip install 'hzdsl[dask]', here and where the workers run",
        ) from None
    where = _where(address)
    try:
        return Client(**where, timeout=seconds, set_as_default=False)
    except OSError as error:
        raise HzdslError(
            "cluster",
            f"no dask scheduler answers at {address} ({first_line(error)})",
            fix=_START,
        ) from None
    except Exception as error:  # dask takes what any other server says for lengths and messages of its own
        raise HzdslError(
            "cluster", f"what answers at {address} is no dask scheduler ({first_line(error)})", fix=_START
        ) from None


def _where(address: str) -> dict[str, str]:
    """Return an address as dask takes it; of what is none it would say so late and at length."""
    if _ADDRESS.fullmatch(address):
        return {"address": address}
    if address.endswith(".json") and os.path.isfile(address):
        return {"scheduler_file": address}
    what = "is not there" if address.endswith(".json") else "is no address of a dask scheduler"
    fix = "give tcp://HOST:PORT, or the file that dask scheduler --scheduler-file FILE.json writes"
    raise HzdslError("cluster", f"{address} {what}", fix=fix)
