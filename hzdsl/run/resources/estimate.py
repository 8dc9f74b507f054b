"""What a run will read, hold and take, told before any of it is run: one chunk is read, to know how fast that goes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from hzdsl.backends.base import WORDS, Kernel, Number
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.run.inputs.columns import needed_by
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.plan.items import item_size
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.plan.planning import planned
from hzdsl.run.program.bind import Bound
from hzdsl.run.program.parameters import resolve
from hzdsl.run.resources.combinations import Combinations, combinations
from hzdsl.run.resources.memory import SAMPLE, Memory, Needs, lengths_of, megabytes, read_first, result_bytes, within


@dataclass(frozen=True)
class Inputs:
    """The files of one sample: entries to be read, bytes of the files, and of those the bytes that are read."""

    sample: str
    kind: str
    files: int
    entries: int
    file_bytes: int
    read_bytes: int


@dataclass(frozen=True)
class ColumnNeed:
    """One branch: packed bytes in the files, bytes of memory per entry of the chunk that was read, what needs it."""

    branch: str
    dtype: str
    packed_bytes: int
    bytes_per_entry: float
    needed_by: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """Files of which the same is read, and what that is."""

    files: tuple[str, ...]
    columns: tuple[ColumnNeed, ...]


@dataclass(frozen=True)
class HistogramNeed:
    """One histogram: bins without those beyond the edges, how many variations it is filled under, bytes of one set."""

    name: str
    bins: int
    variations: int
    bytes: int


@dataclass(frozen=True)
class Compiling:
    """Seconds until the event loops were ready, and whether their object code had been kept from before."""

    seconds: float
    kept: bool


@dataclass(frozen=True)
class Reading:
    """The rate of one thread on the first chunk, in packed bytes per second; and the seconds that all will take."""

    entries: int
    seconds_measured: float
    rate: float
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """All that is known before a run.

    Attributes
    ----------
    chunks : int
        How many there are.
    sample : int
        Of how many events the candidates have been counted.
    limit : int
        Bytes of memory that there are: those asked for, else the machine's.
    problem : str
        What does not fit, and how to mend it; empty where all fits.
    """

    analysis: str
    inputs: tuple[Inputs, ...]
    columns: tuple[Columns, ...]
    chunks: int
    sample: int
    candidates: tuple[Combinations, ...]
    histograms: tuple[HistogramNeed, ...]
    memory: Memory
    limit: int
    problem: str
    compiling: Compiling
    reading: Reading
    notes: tuple[str, ...]


def estimate(document: Document, given: Mapping[str, Number], options: Options) -> Estimate:
    """Return what a run would need; see `hzdsl.run.run` for the options.

    Raises
    ------
    HzdslError
        As `hzdsl.run.run` for anything wrong with files and analysis; `arguments` where no way to run it keeps below
        the limit of memory.
    """
    values = resolve(document, given)
    with planned(document, values, options) as plan:
        return _Estimator(document, plan, options).estimate()


class _Estimator:
    """The way from a plan to its estimate."""

    def __init__(self, document: Document, plan: Plan, options: Options) -> None:
        self._document, self._plan = document, plan
        self._left = plan.entries()
        kernels, self._compiling = _compiled(plan, options)
        self._needs = Needs(plan, options, kernels)
        self._options = within(self._needs, options, self._left)
        self._jobs = list({id(job.bound): job for job in plan.jobs if job.entries}.values())

    def estimate(self) -> Estimate:
        """Return all of it."""
        options, plan = self._options, self._plan
        size = item_size(options, self._left)
        memory = self._needs.memory(size, options.threads)
        align = options.chunk_size is None
        limit = options.max_memory or machine_memory()
        problem = "" if memory.total <= limit else self._mended(limit, memory)
        entries = min(size, memory.entries) if not problem else SAMPLE
        held, reading = self._read(entries)
        return Estimate(
            self._document.name,
            tuple(_inputs(job) for job in plan.jobs),
            tuple(self._columns(held)),
            sum(len(tree.ranges(size, align)) for tree in plan.trees),
            min(SAMPLE, max((next(t for t in j.trees if t.entries).entries for j in self._jobs), default=0)),
            tuple(self._candidates()),
            tuple(_histograms(max((j.bound for j in plan.jobs), key=lambda b: result_bytes(b.program)))),
            memory,
            limit,
            problem,
            self._compiling,
            reading,
            plan.notes,
        )

    def _read(self, entries: int) -> tuple[dict[str, float], Reading]:
        """Read the first chunk of each program: bytes of memory per entry of each branch, and how fast that was."""
        held: dict[str, float] = {}
        packed = seen = 0
        began = time.perf_counter()
        for job in self._jobs:
            tree, chunk = read_first(job, entries)
            packed, seen = packed + tree.bytes_of(chunk.entries), seen + chunk.entries
            held |= {name: values.nbytes / max(1, chunk.entries) for name, values in chunk.columns.items()}
        seconds = time.perf_counter() - began
        rate = packed / seconds if seconds > 0 else 0.0
        total = sum(t.bytes_of(t.entries) for t in self._plan.trees)
        cores = min(self._options.threads, os.cpu_count() or 1)
        return held, Reading(seen, seconds, rate, total / rate / cores if rate else 0.0)

    def _columns(self, held: Mapping[str, float]) -> list[Columns]:
        groups: dict[tuple[object, ...], list[tuple[InputTree, Bound]]] = {}
        for job in self._plan.jobs:
            for tree in job.trees:
                key = id(job.bound), tuple(tree.reads.names), tuple(tree.reads.columns.items())
                groups.setdefault(key, []).append((tree, job.bound))
        made = []
        for trees in groups.values():
            needs, packed = _needed(trees[0][1], trees[0][0]), _packed([t for t, _ in trees])
            types = {n: t.value for n, t in trees[0][0].reads.columns.items()}
            columns = [
                ColumnNeed(n, types.get(n, "counter"), packed[n], held.get(n, 8.0), tuple(needs.get(n, ())))
                for n in trees[0][0].reads.names
            ]
            made.append(Columns(tuple(t.path for t, _ in trees), tuple(columns)))
        return made

    def _candidates(self) -> list[Combinations]:
        names = {node: name for name, node in self._document.definitions}
        found: dict[str, Combinations] = {}
        for job in self._jobs:
            for c in combinations(job.bound.program, lengths_of(job), names):
                if c.axis not in found or found[c.axis].mean < c.mean:
                    found[c.axis] = c
        return sorted(found.values(), key=lambda c: -c.mean)

    def _mended(self, limit: int, memory: Memory) -> str:
        """Say what to do about a run that is too large for this machine."""
        said = f"up to {megabytes(memory.total)} of memory, this machine has {megabytes(limit)}"
        try:
            mended = within(self._needs, replace(self._options, max_memory=limit), self._left)
        except HzdslError as error:
            return f"{said}; {error.message}\n{error.fix}"
        size, threads = item_size(mended, self._left), mended.threads
        return f"{said}; --max-memory {limit // 10**6}MB makes chunks of about {size} entries on {threads} threads"


def _compiled(plan: Plan, options: Options) -> tuple[dict[int, Kernel], Compiling]:
    backend, programs = options.backend, [job.bound.program for job in plan.jobs if job.trees]
    kept = isinstance(backend, CodegenBackend) and all(map(backend.keeps, dict.fromkeys(programs)))
    began = time.perf_counter()
    kernels = plan.compiled(options.backend)
    return kernels, Compiling(time.perf_counter() - began, kept)


def _inputs(job: Job) -> Inputs:
    sizes = {t.path: t.fingerprint.file_bytes for t in job.trees if t.fingerprint is not None}
    read = sum(t.bytes_of(t.entries) for t in job.trees)
    return Inputs(job.sample.name, job.sample.kind, len(sizes), job.entries, sum(sizes.values()), read)


def _packed(trees: Sequence[InputTree]) -> dict[str, int]:
    """Return the packed bytes of every branch in several trees."""
    found = dict.fromkeys(trees[0].reads.names, 0)
    for tree in trees:
        with tree.looked_at() as source:
            for name in found:
                found[name] += source.stored_bytes(name)
    return found


def _needed(bound: Bound, tree: InputTree) -> dict[str, list[str]]:
    """Return what needs each branch of a tree."""
    found: dict[str, list[str]] = {}
    for node, users in needed_by(bound).items():
        name = node.text("name")
        branch = name if node.op == "column" else tree.reads.lengths.get(name)
        if branch is not None:
            found[branch] = list(dict.fromkeys([*found.get(branch, ()), *users]))
    return found


def _histograms(bound: Bound) -> list[HistogramNeed]:
    made = []
    for k, (histogram, places) in enumerate(zip(bound.histograms, bound.worlds.histograms, strict=True)):
        fills = [bound.program.fills[at] for at in {k, *(at for at, _ in places.values())}]
        size = sum(8 * prod(b.bins + 2 for b in f.binnings) * (1 + 2 * WORDS * len(f.weights)) for f in fills)
        bins = prod(b.bins for b in fills[0].binnings)
        made.append(HistogramNeed(histogram.key, bins, len(places), size))
    return made


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of what the process is confined to."""
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    confined = Path("/sys/fs/cgroup/memory.max")
    if confined.exists() and (text := confined.read_text().strip()).isdigit():
        found.append(int(text))
    return min(found)
