"""What ROOT's own tutorial df103_NanoAODHiggsAnalysis.py selects from a file. Needs a Python with ROOT.

    python root_df103.py IN.root OUT.json [IN.root OUT.json ...]

The tutorial is run as it lies in the ROOT installation, only not as `__main__`: its functions build the
graphs and its header holds the C++. Per channel: number selected, cutflow, 36-bin histogram of H_mass in
[70, 180]; per selected event the two Z masses and the H mass as float32, in OUT.csv.
"""

import csv
import json
import os
import runpy
import sys
from pathlib import Path

CHANNELS = {"4mu": "reco_higgs_to_4mu", "4el": "reco_higgs_to_4el", "2el2mu": "reco_higgs_to_2el2mu"}
COLUMNS = ("channel", "event", "z1_mass_f32_hex", "z2_mass_f32_hex", "h_mass_f32_hex", "h_mass")
TUTORIAL = ("analysis", "dataframe", "df103_NanoAODHiggsAnalysis.py")


def tutorial(root):
    """Names of the tutorial's module. It turns on threads, which would shuffle events: turned off again."""
    path = os.path.join(str(root.gROOT.GetTutorialDir()), *TUTORIAL)
    names = runpy.run_path(path, run_name="df103_NanoAODHiggsAnalysis")
    root.ROOT.DisableImplicitMT()
    return names


def book(root, names, path):
    """Book everything wanted of a file; nothing runs yet."""
    frame = root.RDataFrame("Events", str(path))
    event = frame.GetColumnType("event")
    booked = {}
    for channel, function in CHANNELS.items():
        node = names[function](frame)
        node = node.Define("z1_mass_written", "Z_mass[0]").Define("z2_mass_written", "Z_mass[1]")
        booked[channel] = {
            "histogram": node.Histo1D((f"h_{channel}", "", 36, 70.0, 180.0), "H_mass"),
            "cutflow": node.Report(),
            "event": node.Take[event]("event"),
            "masses": [node.Take["float"](m) for m in ("z1_mass_written", "z2_mass_written", "H_mass")],
        }
    return {"events": frame.Count(), "channels": booked}


def summary(booked):
    """One channel's counts as plain numbers."""
    h = booked["histogram"].GetValue()
    steps = [{"cut": str(c.GetName()), "passed": c.GetPass(), "all": c.GetAll()} for c in booked["cutflow"].GetValue()]
    return {
        "selected": int(booked["event"].GetValue().size()),
        "histogram_h_mass_36_70_180": {
            "underflow": h.GetBinContent(0),
            "values": [h.GetBinContent(i) for i in range(1, 37)],
            "overflow": h.GetBinContent(37),
        },
        "cutflow": steps,
    }


def rows(channel, booked):
    """One row per selected event, in the order of COLUMNS."""
    events = [int(e) for e in booked["event"].GetValue()]
    masses = [[float(m) for m in taken.GetValue()] for taken in booked["masses"]]
    for event, z1, z2, h in zip(events, *masses, strict=True):
        yield channel, event, z1.hex(), z2.hex(), h.hex(), f"{h:.9g}"


def write(root, booked, path, out):
    """Write OUT.json and OUT.csv."""
    document = {
        "file": Path(path).name,
        "root_version": str(root.gROOT.GetVersion()),
        "events": booked["events"].GetValue(),
        "channels": {channel: summary(b) for channel, b in booked["channels"].items()},
    }
    Path(out).write_text(json.dumps(document, indent=1), encoding="utf-8")
    with open(Path(out).with_suffix(".csv"), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for channel, b in booked["channels"].items():
            table.writerows(rows(channel, b))


def main(arguments):
    """Run every (IN, OUT) pair in one process: starting ROOT and compiling cost about five seconds."""
    import ROOT

    ROOT.gROOT.SetBatch(True)
    names = tutorial(ROOT)
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    booked = [book(ROOT, names, path) for path, _ in pairs]
    for (path, out), b in zip(pairs, booked, strict=True):
        write(ROOT, b, path, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
