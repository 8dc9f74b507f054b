"""A macro compiled by ROOT's ACLiC into a library, and its function called.

    python root_aclic.py build SOURCE LIBRARY FLAGS
    python root_aclic.py run LIBRARY FUNCTION FILE.root THREADS

The function prints what it found. Needs a Python with ROOT, and to build a C++ compiler.
"""

import os
import sys


def build(source, library, flags):
    """Compile, as `.L SOURCE+O` does, into LIBRARY.so."""
    import ROOT

    tutorials = os.path.join(str(ROOT.gROOT.GetTutorialDir()), "analysis", "dataframe")
    ROOT.gSystem.AddIncludePath(f'-I"{tutorials}"')
    ROOT.gSystem.SetFlagsOpt(flags)
    if not ROOT.gSystem.CompileMacro(source, "kfOs", library):
        sys.exit(f"ACLiC cannot compile {source}")


def run(library, function, path, threads):
    """Load the library and call its function."""
    import ROOT

    if ROOT.gSystem.Load(library) < 0:
        sys.exit(f"{library} cannot be loaded")
    getattr(ROOT, function)(path, int(threads))


if __name__ == "__main__":
    {"build": build, "run": run}[sys.argv[1]](*sys.argv[2:])
