"""Trees as ROOT itself lays them out: baskets that do not begin together, of several blocks, packed by every method.

    python root_trees.py FOLDER

Writes FOLDER/METHOD.root, each with the trees `ragged` (baskets of a size of their own per branch, no clusters),
`clusters` (ROOT's own choice) and, for ZLIB and ZSTD, `blocks` (baskets of more than 16 MB: several blocks) and `later`
(a branch that was added later and not filled to the end). Needs a Python with ROOT.
"""

import sys

CODE = """
#include "TFile.h"
#include "TTree.h"
#include "TRandom3.h"
#include <vector>
void ragged(const char *name, int entries, bool clusters)
{
   TTree t(name, "");
   t.SetAutoFlush(clusters ? 700 : 0);
   int n; unsigned char m; float x[20]; double y[20]; bool flag; short s; long long l; unsigned u[20]; signed char c[20];
   std::vector<float> v;
   t.Branch("n", &n, "n/I", 3000);
   t.Branch("x", x, "x[n]/F", 1700);
   t.Branch("y", y, "y[n]/D", 9001);
   t.Branch("u", u, "u[n]/i", 32000);
   t.Branch("flag", &flag, "flag/O", 500);
   t.Branch("s", &s, "s/S", 777);
   t.Branch("l", &l, "l/L", 4096);
   t.Branch("m", &m, "m/b", 300);
   t.Branch("c", c, "c[m]/B", 2000);
   t.Branch("v", &v, 1500);
   TRandom3 r(7);
   for (int i = 0; i < entries; ++i) {
      n = r.Integer(20); m = r.Integer(20); flag = r.Integer(2); s = i % 1000 - 500; l = -1000000007LL * i;
      v.clear();
      for (int k = 0; k < 20; ++k) {
         x[k] = r.Gaus(); y[k] = i + 0.125 * k; u[k] = i * 20 + k; c[k] = k - 10;
         if (k < n) v.push_back(x[k]);
      }
      t.Fill();
   }
   t.Write();
}
void later()
{
   TTree t("later", "");
   int n = 0; float z = 0, pq_values[64] = {0}; // ROOT reads what follows p for q
   t.Branch("n", &n, "n/I");
   t.Branch("pq", pq_values, "p[n]/F:q[n]/F");
   for (int i = 0; i < 1000; ++i) { n = i % 4; t.Fill(); }
   TBranch *late = t.Branch("late", &z, "late/F");
   for (int i = 0; i < 600; ++i) { z = i; late->Fill(); }
   t.Write();
}
void blocks()
{
   TTree t("blocks", "");
   t.SetAutoFlush(0);
   int n, flat; float x[3];
   t.Branch("n", &n, "n/I", 64000000);
   t.Branch("flat", &flat, "flat/I", 64000000);
   t.Branch("x", x, "x[n]/F", 64000000);
   for (int i = 0; i < 5000000; ++i) {
      n = i % 3; flat = i / 7; x[0] = i; x[1] = -i;
      t.Fill();
   }
   t.Write();
}
"""


def main(folder):
    """Write all files."""
    import ROOT

    ROOT.gInterpreter.Declare(CODE)
    methods = {"ZLIB": 1, "LZMA": 2, "LZ4": 4, "ZSTD": 5, "NONE": 0}
    for name, method in methods.items():
        file = ROOT.TFile(f"{folder}/{name}.root", "RECREATE", "", 100 * method + 1 if method else 0)
        ROOT.ragged("ragged", 5000, False)
        ROOT.ragged("clusters", 5000, True)
        if name in ("ZLIB", "ZSTD"):
            ROOT.blocks()
            ROOT.later()
        file.Close()


if __name__ == "__main__":
    main(sys.argv[1])
