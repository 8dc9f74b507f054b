"""Print what ROOT reads of the histograms of a file, as JSON. (Run by ROOT's Python; knows nothing of hzdsl.)"""

import json
import sys

import ROOT


def main(path: str, *names: str) -> None:
    file = ROOT.TFile.Open(path)
    found = {}
    for name in names:
        h = file.Get(name)
        bins = range(h.GetNbinsX() + 2)
        found[name] = {
            "class": h.ClassName(),
            "title": h.GetTitle(),
            "contents": [h.GetBinContent(i) for i in bins],
            "errors": [h.GetBinError(i) for i in bins],
            "edges": [h.GetXaxis().GetBinLowEdge(i) for i in list(bins)[1:]],
            "integral": h.Integral(),
            "mean": h.GetMean(),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
