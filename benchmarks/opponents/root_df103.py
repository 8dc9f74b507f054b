"""df103 by ROOT's RDataFrame: the functions of ROOT's own tutorial on one file, all channels in one loop.

    python root_df103.py FILE.root [THREADS]

Prints {"4mu": {"selected": n}, "4e": ..., "2e2mu": ..., "version": ...} as JSON. Needs a Python with ROOT.
"""

import json
import os
import runpy
import sys

CHANNELS = {"4mu": "reco_higgs_to_4mu", "4e": "reco_higgs_to_4el", "2e2mu": "reco_higgs_to_2el2mu"}


def main(path, threads=1):
    """Run the event loop and print the counts."""
    import ROOT

    folder = os.path.join(str(ROOT.gROOT.GetTutorialDir()), "analysis", "dataframe")
    tutorial = runpy.run_path(os.path.join(folder, "df103_NanoAODHiggsAnalysis.py"), run_name="df103")
    ROOT.ROOT.DisableImplicitMT()  # the tutorial takes all cores
    if threads > 1:
        ROOT.ROOT.EnableImplicitMT(threads)
    frame = ROOT.RDataFrame("Events", path)
    histograms, counts = {}, {}
    for channel, function in CHANNELS.items():
        node = tutorial[function](frame)
        histograms[channel] = node.Histo1D((f"h_{channel}", "", 36, 70.0, 180.0), "H_mass")
        counts[channel] = node.Count()
    ROOT.RDF.RunGraphs([*histograms.values(), *counts.values()])
    document = {channel: {"selected": int(count.GetValue())} for channel, count in counts.items()}
    print(json.dumps(document | {"version": f"ROOT {ROOT.gROOT.GetVersion()}"}))


if __name__ == "__main__":
    main(sys.argv[1], *(int(n) for n in sys.argv[2:]))
