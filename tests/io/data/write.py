"""Write `written_by_root.root` with ROOT itself: what uproot cannot write, in one small file.

Run with the `oracle` extra: `python tests/io/data/write.py`. The tests know the values by the same formulas.
"""

import sys
from array import array
from pathlib import Path

import ROOT

ENTRIES = 20

ROOT.gInterpreter.Declare("""
struct Hit { float x; int n; };
#ifdef __ROOTCLING__
#pragma link C++ class Hit+;
#endif
""")


def write_tree(file):
    tree = ROOT.TTree("kinds", "every kind of branch")
    flat = {
        "i64": array("q", [0]),
        "u8": array("B", [0]),
        "flag": array("b", [0]),
    }
    tree.Branch("i64", flat["i64"], "i64/L")
    tree.Branch("u8", flat["u8"], "u8/b")
    tree.Branch("flag", flat["flag"], "flag/O")
    d32, f16 = array("d", [0]), array("f", [0])
    tree.Branch("d32", d32, "d32/d")
    tree.Branch("f16", f16, "f16/f")
    pair = ROOT.Hit()
    tree.Branch("hit", pair, "x/F:n/I")
    box = array("f", [0] * 3)
    tree.Branch("box", box, "box[3]/F")
    count, rows, column = array("i", [0]), array("f", [0] * 12), array("f", [0] * 4)
    tree.Branch("count", count, "count/I")
    tree.Branch("rows", rows, "rows[count][3]/F")
    tree.Branch("column", column, "column[count]/F")
    vectors = {
        "floats": ROOT.std.vector("float")(),
        "bools": ROOT.std.vector("bool")(),
        "lists": ROOT.std.vector("std::vector<float>")(),
        "ints": ROOT.std.vector("std::vector<int>")(),
    }
    for name, vector in vectors.items():
        tree.Branch(name, vector)
    text, momentum = ROOT.std.string(""), ROOT.TLorentzVector()
    tree.Branch("text", text)
    tree.Branch("momentum", momentum)
    deep = ROOT.std.vector("std::vector<std::vector<float>>")()
    tree.Branch("deep", deep)
    for i in range(ENTRIES):
        flat["i64"][0], flat["u8"][0], flat["flag"][0] = -(10**12) * i, 10 * i, i % 2
        d32[0], f16[0] = i * 0.5, i * 0.25
        pair.x, pair.n = i + 0.5, -i
        count[0] = i % 4
        for k in range(3):
            box[k] = 10 * i + k
        for k in range(12):
            rows[k] = 100 * i + k
        for k in range(4):
            column[k] = i + k
        for vector in (*vectors.values(), deep):
            vector.clear()
        for k in range(i % 3):
            vectors["floats"].push_back(i + 0.1 * k)
            vectors["bools"].push_back(k == 1)
            vectors["lists"].push_back(ROOT.std.vector("float")([i + 0.5] * k))
            vectors["ints"].push_back(ROOT.std.vector("int")(range(i)))
        tree.Fill()
        if i == 11:
            tree.FlushBaskets()
    tree.Write()


def write_histograms(file):
    directory = file.mkdir("plots")
    directory.cd()
    plain = ROOT.TH1D("plain", "not weighted", 4, 0.0, 4.0)
    weighted = ROOT.TH1F("weighted", "weighted", 3, array("d", [0, 1, 10, 100]))
    weighted.Sumw2()
    plane = ROOT.TH2D("plane", "two axes", 2, 0.0, 2.0, 3, 0.0, 3.0)
    profile = ROOT.TProfile("profile", "", 2, 0.0, 2.0)
    for x in (-1.0, 0.5, 0.5, 3.5, 9.0, 9.0):
        plain.Fill(x)
    for x, w in ((0.5, 2.0), (5.0, -1.0), (5.0, 3.0), (500.0, 0.5)):
        weighted.Fill(x, w)
    for x, y in ((0.5, 0.5), (0.5, 2.5), (1.5, 2.5), (1.5, 2.5), (-1.0, 0.5)):
        plane.Fill(x, y)
    profile.Fill(0.5, 3.0)
    for histogram in (plain, weighted, plane, profile):
        histogram.Write()


def write_ntuple(path):
    """An RNTuple in two clusters, with nested lists and records."""
    file = ROOT.TFile.Open(str(path), "UPDATE")
    model = ROOT.RNTupleModel.Create()
    for name, kind in (
        ("number", "double"),
        ("flag", "bool"),
        ("floats", "std::vector<float>"),
        ("lists", "std::vector<std::vector<std::int32_t>>"),
        ("triple", "std::array<float, 3>"),
        ("text", "std::string"),
        ("hits", "std::vector<Hit>"),
    ):
        model.AddField(ROOT.RFieldBase.Create(name, kind).Unwrap())
    writer = ROOT.RNTupleWriter.Append(ROOT.std.move(model), "ntuple", file)
    for i in range(ENTRIES):
        entry = writer.CreateEntry()
        entry["number"] = i * 1.5
        entry["flag"] = i % 2 == 1
        entry["text"] = str(i)
        entry["triple"] = ROOT.std.array("float", 3)([i, i + 1, i + 2])
        entry["floats"] = ROOT.std.vector("float")([i + 0.5] * (i % 3))
        lists = ROOT.std.vector("std::vector<std::int32_t>")()
        for k in range(i % 4):
            lists.push_back(ROOT.std.vector("std::int32_t")([i] * k))
        entry["lists"] = lists
        hits = ROOT.std.vector("Hit")()
        for k in range(i % 3):
            hit = ROOT.Hit()
            hit.x, hit.n = i + 0.25, k
            hits.push_back(hit)
        entry["hits"] = hits
        writer.Fill(entry)
        if i == 11:
            writer.CommitCluster()
    del writer
    file.Close()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("written_by_root.root")
    root_file = ROOT.TFile.Open(str(target), "RECREATE")
    write_tree(root_file)
    write_histograms(root_file)
    root_file.Close()
    write_ntuple(target)
