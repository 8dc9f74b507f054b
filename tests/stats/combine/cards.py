"""A small card with shapes, written as text, and what it means, in plain NumPy by STATS §3: the reference of tests."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from hzdsl.stats.parameters import Vector

BINS = 4
NOMINAL = {
    "sig": np.array([1.0, 4.0, 6.0, 2.0]),
    "bkg": np.array([40.0, 30.0, 20.0, 10.0]),
    "top": np.array([5.0, 8.0, 7.0, 3.0]),
}
ERRORS = {"sig": 0.05, "bkg": 0.1, "top": 0.4}
VARIED = {
    ("sig", "scale"): (np.array([1.2, 4.4, 5.6, 2.4]), np.array([0.9, 3.5, 6.6, 1.7])),
    ("bkg", "scale"): (np.array([42.0, 31.0, 19.0, 11.0]), np.array([39.0, 28.0, 20.5, 9.5])),
    ("bkg", "tilt"): (np.array([44.0, 31.0, 18.0, 8.0]), np.array([36.0, 29.0, 22.0, 12.0])),
}
DATA = np.array([47.0, 44.0, 30.0, 16.0])

CARD = """imax 1
jmax 2
kmax *
shapes * * shapes.csv $CHANNEL:$PROCESS $CHANNEL:$PROCESS:$SYSTEMATIC
bin sr
observation -1
bin      sr   sr   sr
process  sig  bkg  top
process  0    1    2
rate     -1   -1   -1
lumi     lnN  1.02 1.02 1.02
asym     lnN  -    0.9/1.2 -
scale    shape 1  0.5  -
tilt     shape -  1    -
{more}"""


def write(folder: Path, more: str = "") -> Path:
    """Write the card and its table of shapes."""
    rows = [("data_obs", "nominal", DATA, DATA)]
    rows += [(p, "nominal", x, (ERRORS[p] * x) ** 2) for p, x in NOMINAL.items()]
    for (p, name), varied in VARIED.items():
        rows += [(p, f"{name}{side}", x, x) for side, x in zip(("Up", "Down"), varied, strict=True)]
    lines = ["channel,process,systematic,bin,sum_w,sum_ww"]
    lines += [f"sr,{p},{s},{b},{x[b]!r},{e[b]!r}" for p, s, x, e in rows for b in range(BINS)]
    (folder / "shapes.csv").write_text("\n".join(lines).replace("np.float64(", "").replace(")", "") + "\n")
    path = folder / "card.txt"
    path.write_text(CARD.format(more=more))
    return path


def smooth(u: float) -> float:
    return (3 * u**5 - 10 * u**3 + 15 * u) / 8


def log_normal(theta: float, down: float, up: float) -> float:
    """Return κ**θ of an asymmetric κ (§3.2)."""
    hi, lo = math.log(up), math.log(down)
    if abs(theta) >= 0.5:
        return math.exp(theta * (hi if theta >= 0 else -lo))
    return math.exp(theta * (0.5 * (hi - lo) + smooth(2 * theta) * 0.5 * (hi + lo)))


def morphed(process: str, theta: dict[str, float], *, normalized: bool) -> Vector:
    """Return the shape of a process (§3.3); `normalized` without autoMCStats."""
    nominal = NOMINAL[process].astype(np.float32).astype(float)
    before = nominal / nominal.sum()
    found = before.copy()
    for (p, name), varied in VARIED.items():
        if p != process:
            continue
        scale = 0.5 if (p, name) == ("bkg", "scale") else 1.0
        joined = 0.5 if process == "bkg" else 1.0
        x = scale * theta[name]
        up, down = (v.astype(np.float32).astype(float) / v.astype(np.float32).sum() - before for v in varied)
        s = math.copysign(1, x) if abs(x) >= joined else smooth(x / joined)
        found += 0.5 * x * ((up - down) + s * (up + down))
    found = np.maximum(found, 1e-9)
    return found / found.sum() if normalized else found


def rate(process: str, theta: dict[str, float]) -> float:
    """Return the yield of a process: log-normal factors, and those of integrals of varied histograms."""
    found = float(NOMINAL[process].sum()) * 1.02 ** theta["lumi"]
    if process == "bkg":
        found *= log_normal(theta["asym"], 0.9, 1.2)
    if process == "sig":
        found *= theta["r"]
    for (p, name), varied in VARIED.items():
        if p == process:
            scale = 0.5 if (p, name) == ("bkg", "scale") else 1.0
            up, down = (float(v.sum() / NOMINAL[p].sum()) for v in varied)
            if abs(up - 1) >= 1e-3 or abs(down - 1) >= 1e-3:
                found *= log_normal(theta[name], round(down**scale, 6), round(up**scale, 6))
    return found
