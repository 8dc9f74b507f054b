from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster

from hzdsl.results.result import Result
from hzdsl.run import run
from tests.run.muons import document


@pytest.fixture(scope="package")
def cluster() -> Iterator[LocalCluster]:
    """Two worker processes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as made:
        yield made


@pytest.fixture
def client(cluster) -> Iterator[Client]:
    """A client of them."""
    with Client(cluster) as made:
        yield made


@pytest.fixture(scope="package")
def plain(events, more) -> Result:
    """What one thread gives of two files."""
    return run(document(), [str(events), str(more)], tables=True)
