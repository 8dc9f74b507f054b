"""What dask's scheduler takes: chunks that do nothing, through the very graphs, groups and sums of `hzdsl run --dask`.

    python benchmarks/scaling/scheduler.py [--chunks 100000] [--workers 2]

Workers read and execute nothing, and adding up gives the first of what is added: what is left is what the client, the
scheduler and the workers do for a task. Writes results/scheduler.json.
"""

import argparse
import json
import os
import time
from itertools import islice
from pathlib import Path

from distributed import Client, LocalCluster

from hzdsl.run.cluster.dask import FAN, GROUP, Cluster, Tools
from hzdsl.run.cluster.messages import Errand, Returned
from hzdsl.run.cluster.workers import Workers
from hzdsl.run.inputs.facts import Fingerprint

RESULTS = Path(__file__).resolve().parent / "results"
#: About what a partial result of df103 has.
PART_BYTES = 2_000


class Idle:
    """Does nothing of what a `Workshop` does."""

    def __init__(self, told):
        pass

    def work(self, errand):
        return Returned(bytes(PART_BYTES))

    def merge(self, program, returned):
        return returned[0]

    def close(self):
        pass


def cpu_seconds(pids):
    """User and system time of processes so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def in_groups(errands):
    while group := list(islice(errands, GROUP)):
        yield group


def measured(chunks, workers):
    """Run so many chunks on a cluster of processes, and return rates."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as local,
        Client(local) as client,
    ):
        pids = list(client.run(os.getpid).values())
        errands = (
            Errand(i % GROUP, 0, 0, i, f"/store/file{i}.root", None, Fingerprint(), 0, 0, ((0, 200_000),))
            for i in range(chunks)
        )
        start, own, theirs = time.perf_counter(), time.process_time(), cpu_seconds(pids)
        groups = sum(1 for _ in Cluster(Workers(client), Tools(b"", Idle)).returned(in_groups(errands)))
        return {
            "chunks": chunks,
            "workers": workers,
            "fan": FAN,
            "group": GROUP,
            "groups": groups,
            "seconds": round(time.perf_counter() - start, 2),
            "scheduler_and_client_cpu_s": round(time.process_time() - own, 2),
            "workers_cpu_s": round(cpu_seconds(pids) - theirs, 2),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    found = measured(args.chunks, args.workers)
    found["cpu_ms_per_chunk"] = round(1000 * found["scheduler_and_client_cpu_s"] / args.chunks, 3)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scheduler.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
