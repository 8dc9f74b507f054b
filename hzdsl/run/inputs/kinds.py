"""Whether a file looks like data or like simulation, and the remark where a sample says otherwise.

What a sample is stays what the user says: nothing is decided here, and no number depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hzdsl.errors import HzdslError
from hzdsl.io.source import Source

#: Branches of NanoAOD that simulation alone has.
GENERATOR = ("genWeight", "Generator_weight", "GenPart_pdgId", "nGenPart", "LHEWeight_originalXWGTUP")
#: The run that CMS gives to simulation; those of data are six digits.
SIMULATED_RUN = 1
#: xAOD: EventInfo's eventTypeBitmask, of which the first bit says that an event is simulated.
BITMASK, IS_SIMULATION = "EventInfoAuxDyn.eventTypeBitmask", 1


@dataclass(frozen=True)
class Evidence:
    """What a file looks like, ``"data"`` or ``"simulation"``, and by what."""

    kind: str
    why: str


def evidence(source: Source) -> Evidence | None:
    """Return what an open tree looks like by its branches and its first entry; None where they do not tell.

    CMS simulation has generator branches or run 1; data have neither. ATLAS Open Data repeat the run number as
    ``channelNumber`` where simulation has its data set's number, and PHYSLITE has a bit for it.
    """
    generator = next((name for name in GENERATOR if name in source.columns), None)
    if generator is not None:
        return Evidence("simulation", f"it has {generator}")
    if found := _first(source, "runNumber", "channelNumber"):
        run, channel = found
        same = run == channel
        return Evidence("data" if same else "simulation", f"run {run}, channelNumber {'the same' if same else channel}")
    if "luminosityBlock" in source.columns and (found := _first(source, "run")):
        run = found[0]
        if run == SIMULATED_RUN:
            return Evidence("simulation", f"its run is {run}")
        return Evidence("data", f"run {run}, no generator information")
    if found := _first(source, BITMASK):
        simulated = found[0] & IS_SIMULATION
        return Evidence("simulation" if simulated else "data", f"eventTypeBitmask {found[0]}")
    return None


def _first(source: Source, *names: str) -> list[int]:
    """Return whole numbers of the first entry; nothing where the file has none of them."""
    known = [source.columns.get(name) for name in names]
    if not source.entries or not all(c is not None and c.depth == 0 and c.dtype.kind in "iu" for c in known):
        return []
    try:
        read = source.read(names, 0, 1)
    except HzdslError:  # a damaged branch that the analysis need not have: if it has, the run will say so
        return []
    return [int(read[name].content[0]) for name in names]


def kind_note(sample: str, kind: str, files: Iterable[tuple[str, Evidence | None]]) -> list[str]:
    """Return a remark where files of a sample look like another kind than it is said to be.

    Parameters
    ----------
    sample : str
        Its name, nothing where bare files were given.
    kind : str
        What it is treated as.
    files : iterable of (str, Evidence or None)
        Its files, and what they look like.

    Examples
    --------
    >>> kind_note("", "simulation", [("a.root", Evidence("data", "run 194711, no generator information"))])
    ['a.root looks like data (run 194711, no generator information), and is treated as simulation: say --data (in Python
    data=True) if it is data']
    >>> kind_note("dy", "simulation", [("b.root", Evidence("simulation", "it has genWeight"))])
    []
    """
    given = [*files]
    others = [(file, found) for file, found in given if found is not None and found.kind != kind]
    if not others:
        return []
    file, found = others[0]
    who, looks = (f"sample {sample}: " if sample else ""), f"like {found.kind} ({found.why})"
    what = f"{file} looks" if len(others) == 1 else f"{len(others)} of {len(given)} files look"
    first = "" if len(others) == 1 else f", {file} first"
    treated = "is" if len(others) == 1 else "are"
    return [f"{who}{what} {looks}{first}, and {treated} treated as {kind}: {_fix(sample, found.kind)}"]


def _fix(sample: str, kind: str) -> str:
    if not sample:
        said = "say --data (in Python data=True)" if kind == "data" else "leave --data (in Python data=True) away"
    else:
        said = f'say kind = "{kind}" of the sample'
        said += " (of one given with --sample: --data)" if kind == "data" else ""
    return f"{said} if it is {kind}"
