"""Makes estimates.json: k1, k2 and k3 of single samples with 60 digits. Python's decimal is all it needs."""

import json
import pathlib
from decimal import Decimal, getcontext

getcontext().prec = 60

# log p of the model that the sample is from, and log q of the other one
samples = [
    (-1.0, -1.5),
    (-1.5, -1.0),
    (-30.0, -5.0),
    (-5.0, -30.0),
    (-2.0, -2.0 - 2.0**-30),
    (-2.0 - 2.0**-30, -2.0),
    (-0.125, -0.125 - 2.0**-50),
    (-0.75, -1.0),
    (-1.0, -0.75),
    (-700.0, -0.5),
    (-0.5, -700.0),
    (0.0, 0.0),
]


def estimates(log_p: float, log_q: float) -> dict[str, float]:
    log_r = Decimal(log_q) - Decimal(log_p)
    k3 = log_r.exp() - 1 - log_r
    return {"log_p": log_p, "log_q": log_q, "k1": float(-log_r), "k2": float(log_r**2 / 2), "k3": float(k3)}


path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps([estimates(*sample) for sample in samples], separators=(",", ":")) + "\n")
