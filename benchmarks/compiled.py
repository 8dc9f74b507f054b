"""The opponents in C++, compiled before a race: by ROOT's ACLiC, or by the C++ compiler into a program of their own.

    built = build(root_python)  # what there is no compiler or no ROOT for is None

What is compiled is kept beside the benchmarks' files, under the hash of all that decides it. What compiling took is
kept and told, too, and counts nowhere.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from harness import HERE, write

from hzdsl.demo import cache_folder

OPPONENTS = HERE / "opponents"
DF103, FOUR_MUONS, ACLIC = OPPONENTS / "df103.C", OPPONENTS / "four_muons.cpp", OPPONENTS / "root_aclic.py"
FLAGS = ("-O3", "-DNDEBUG", "-march=native")
LIBRARIES = [
    "Core", "RIO", "Tree", "TreePlayer", "Hist", "Gpad", "Graf", "MathCore", "GenVector",
    "ROOTVecOps", "ROOTDataFrame", "ROOTNTuple", "Imt",
]  # fmt: skip
PLACES = """
import json, ROOT
r = ROOT.gROOT
print(json.dumps([str(x) for x in (r.GetIncludeDir(), r.GetSharedLibDir(), r.GetTutorialDir(), r.GetVersion())]))
"""


@dataclass(frozen=True)
class Built:
    """What the opponents of df103 were made of; None where it cannot be made here."""

    root_python: str | None = None
    #: Library of df103.C by ACLiC.
    library: str | None = None
    #: Programs made of df103.C and of four_muons.cpp.
    df103: str | None = None
    four_muons: str | None = None
    #: Seconds that compiling took, by what.
    seconds: tuple[tuple[str, float], ...] = ()

    @property
    def told(self):
        """One sentence on what compiling took."""
        parts = [f"{what} {seconds:.0f} s" for what, seconds in self.seconds]
        return f"Compiled before and not counted: {', '.join(parts)}." if parts else ""


def build(root_python):
    """Compile all opponents, or find them compiled."""
    if not root_python:
        return Built()
    if not (compiler := shutil.which("c++")):
        print("there is no C++ compiler: the compiled opponents are left out", file=sys.stderr)
        return Built(root_python)
    include, libraries, tutorials, version = json.loads(output([root_python, "-W", "ignore", "-c", PLACES]))
    start = [compiler, *FLAGS, "-std=c++17", f"-I{include}", f"-I{tutorials}/analysis/dataframe", "-x", "c++"]
    # the libraries of ROOT's wheel need others that only the loader finds
    end = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-Wl,--as-needed,--allow-shlib-undefined"]
    end += [f"-l{name}" for name in LIBRARIES]

    def aclic(path):
        return [root_python, str(ACLIC), "build", str(DF103), str(path.with_suffix("")), " ".join(FLAGS)]

    def program(source):
        return lambda path: [*start, str(source), "-o", str(path), *end]

    made = {
        "library": ("df103.C by ACLiC", DF103, "df103_aclic.so", aclic),
        "df103": ("df103.C", DF103, "df103", program(DF103)),
        "four_muons": ("four_muons.cpp", FOUR_MUONS, "four_muons", program(FOUR_MUONS)),
    }
    found = {key: kept(*what, version) for key, what in made.items()}
    seconds = tuple((made[key][0], taken) for key, (_, taken) in found.items())
    return Built(root_python, **{key: str(path) for key, (path, _) in found.items()}, seconds=seconds)


def kept(what, source, name, command, version):
    """What is compiled, and the seconds that took: now, or when it was."""
    decisive = "\0".join([source.read_text(encoding="utf-8"), version, *command(Path(name))])
    key = hashlib.sha256(decisive.encode()).hexdigest()[:16]
    folder = cache_folder().with_name("benchmarks") / "compiled" / key
    path, note = folder / name, folder / "seconds.json"
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"compiling {what}", file=sys.stderr)
        start = time.perf_counter()
        output(command(path))
        write(json.dumps(time.perf_counter() - start), note)
    return path, json.loads(note.read_text(encoding="utf-8"))


def output(command):
    """Standard output of a command that must not fail."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} …: {done.stderr.strip()}")
    return done.stdout
