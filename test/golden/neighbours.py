"""Writes neighbours.json: estimates of KL from neighbours by SciPy's k-d tree, and their bias and scatter for normal points.

pip install numpy scipy; python test/golden/neighbours.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.spatial import cKDTree


def estimate(p, q, k):
    """Wang, Kulkarni and Verdú 2009, equation 5: points of P and Q in rows."""
    n, d = p.shape
    rho = cKDTree(p).query(p, k + 1)[0][:, k]
    nu = cKDTree(q).query(p, [k])[0][:, 0]
    return d * np.mean(np.log(nu / rho)) + np.log(len(q) / (n - 1))


random = np.random.default_rng(20261129)
estimates = []
for coordinates, n, m, k in [(1, 30, 40, 1), (1, 60, 50, 5), (2, 40, 60, 3), (3, 50, 50, 5), (6, 40, 45, 2)]:
    target = random.normal(0.3, 1, (n, coordinates)).round(6)
    input = random.standard_t(3, (m, coordinates)).round(6)
    values = [estimate(target, input, k), estimate(input, target, k)]
    estimates.append({"k": k, "target": target.tolist(), "input": input.tolist(), "kl": values[0], "reverse_kl": values[1]})

scatter = []
for coordinates, shift in [(1, 1), (2, 1), (5, 0.5), (5, 0)]:
    for n in [100, 1000, 10_000]:
        draw = lambda mean: random.normal(mean, 1, (n, coordinates))
        values = [estimate(draw(shift), draw(0), 5) for _ in range(200)]
        exact = coordinates * shift**2 / 2
        scatter.append(
            {"coordinates": coordinates, "shift": shift, "n": n, "k": 5, "exact": exact, "mean": np.mean(values), "deviation": np.std(values, ddof=1)}
        )

text = json.dumps({"numpy": np.__version__, "scipy": scipy.__version__, "estimates": estimates, "scatter": scatter})
Path(__file__).with_name("neighbours.json").write_text(text + "\n")
