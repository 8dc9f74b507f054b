"""Run with ROOT: write a workspace with densities of which few analyses have any.

python root_write_densities.py OUT.root
"""

import sys

import ROOT

NODES = """
m[60,140] mean[91,80,100] sigma[2.5,0.1,10] width[2.5,0.1,10] alpha[1.3,0.1,10] n[3,0.5,20] mu[4.5,4,5] tau[0.1,0.01,1]
Lognormal::logn(m,mean,1.1) Lognormal::steep(m,mean,0.8) Landau::landau(m,mean,sigma) ArgusBG::argus(m,120,c[-3,-10,0],0.7)
Gaussian::resolution(m,0.3,sigma) CBShape::cb(m,mean,width,alpha,n) BreitWigner::bw(m,mean,width)
FCONV::smeared(m,cb,resolution) FCONV::line(m,bw,resolution) Exponential::expo(m,slope[-0.03,-1,0]) FCONV::odd(m,bw,expo)
"""


def main(out: str) -> None:
    """Write the file."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.ERROR)
    w = ROOT.RooWorkspace("w")
    for text in NODES.split():
        if not w.factory(text):
            sys.exit(f"not made: {text}")
        if text.startswith("m["):  # Fourier transforms on a grid are off by half a cell of it
            w.var("m").setBins(40000, "cache")
    other = ROOT.RooLognormal("other", "", w.var("m"), w.var("mu"), w.var("tau"), True)
    getattr(w, "import")(other)
    w.writeToFile(out)


if __name__ == "__main__":
    main(sys.argv[1])
