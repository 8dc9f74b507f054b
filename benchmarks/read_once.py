"""One measurement of reading.py, as JSON: what twice the events of a file cost, from it and one three times as long.

python read_once.py unpacking|uproot|hzdsl|trusting THREADS FILE LONGER
"""

import json
import resource
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness import HIGGS4L

LEPTON = ("pt", "eta", "phi", "mass", "charge", "dxy", "dxyErr", "dz", "dzErr")
COLUMNS = [
    *("nMuon", "Muon_pfRelIso04_all", *(f"Muon_{name}" for name in LEPTON)),
    *("nElectron", "Electron_pfRelIso03_all", *(f"Electron_{name}" for name in LEPTON)),
]
BLOCK_HEADER = 9


def baskets(path):
    """The letters of the method, the packed bytes and the unpacked length of every basket of the columns.

    What does not get smaller is stored as it is: it has no letters, and is copied.
    """
    import uproot

    whole = memoryview(open(path, "rb").read())  # noqa: SIM115
    found = []
    with uproot.open(path) as file:
        for name in COLUMNS:
            branch = file["Events"][name]
            for number in range(branch.num_baskets):
                seek, length = int(branch.member("fBasketSeek")[number]), int(branch.member("fBasketBytes")[number])
                key = int.from_bytes(whole[seek + 14 : seek + 16], "big")
                size = int.from_bytes(whole[seek + 6 : seek + 10], "big")
                block = whole[seek + key : seek + length]
                stored = length - key == size
                found.append((b"", block, size) if stored else (bytes(block[:2]), block[BLOCK_HEADER:], size))
    return found


def unpackers():
    """A function (packed, unpacked length) per method, that of the C library with the least around it."""
    import lzma

    import deflate
    import lz4.block
    import zstandard

    own = threading.local()  # a context is for one thread

    def zstd(packed, size):
        if not hasattr(own, "context"):
            own.context = zstandard.ZstdDecompressor()
        return own.context.decompress(packed, max_output_size=size)

    return {
        b"": lambda stored, size: bytes(stored),
        b"ZL": deflate.zlib_decompress,
        b"L4": lambda packed, size: lz4.block.decompress(packed[8:], uncompressed_size=size),
        b"ZS": zstd,
        b"XZ": lambda packed, size: lzma.decompress(packed),
    }


def unpacking(threads):
    """Unpack baskets that are in memory."""
    of = unpackers()

    def go(path):
        return spread(lambda job: len(of[job[0]](job[1], job[2])) and None, baskets(path), threads)

    return go


def spread(function, jobs, threads):
    """Time a function on every job, on threads; reading the jobs is not counted."""
    start = used()
    if threads == 1:
        for job in jobs:
            function(job)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(function, jobs))
    return since(start)


def by_uproot(threads):
    """Read the columns, chunk by chunk, and do nothing with them."""
    import uproot

    def go(path):
        start = used()
        executor = uproot.ThreadPoolExecutor(threads) if threads > 1 else None
        for _ in uproot.iterate(f"{path}:Events", COLUMNS, step_size=200_000, decompression_executor=executor):
            pass
        return since(start)

    return go


def by_hzdsl(threads, **options):
    """Run df103."""
    import hzdsl as hz

    ana = hz.load(str(HIGGS4L)).analysis

    def go(path):
        start = used()
        ana.run(path, threads=threads, **options)
        return since(start)

    return go


KINDS = {
    "unpacking": unpacking,
    "uproot": by_uproot,
    "hzdsl": by_hzdsl,
    "trusting": lambda threads: by_hzdsl(threads, trust_files=True),
}


def used():
    """Seconds now, and seconds of processor time used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


def since(start):
    """Seconds and seconds of processor time since then."""
    return [now - then for now, then in zip(used(), start, strict=True)]


def in_a_process(what, threads, paths):
    """What a process of its own prints; a RuntimeError says why that is nothing."""
    command = [sys.executable, __file__, what, str(threads), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise RuntimeError(f"exit status {done.returncode}: {last[0]}")
    return json.loads(done.stdout)


def main(what, threads, path, longer):
    """Work through the first file to warm up, then through each."""
    go = KINDS[what](int(threads))
    go(path)
    one, three = go(path), go(longer)
    seconds, cpu = ((b - a) / 2 for a, b in zip(one, three, strict=True))
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "one": one, "three": three}))


if __name__ == "__main__":
    main(*sys.argv[1:])
