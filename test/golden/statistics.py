"""Regenerates statistics.json: what NumPy says of lists of divergences, and llama.cpp's formulas in NumPy of the errors.

    python test/golden/statistics.py > test/golden/statistics.json

No test needs Python; the tests compare `statistics` with the values kept in statistics.json.
"""

import json
import math

import numpy as np

rng = np.random.default_rng(20)
QUANTILES = [0, 0.001, 0.01, 0.05, 0.1, 1 / 3, 0.5, 0.9, 0.95, 0.99, 0.999, 1]


def cases():
    yield "two", np.array([0.25, 0.125])
    yield "three with equal ones", np.array([0.5, 0.5, 0.1])
    for size in [10, 11, 101, 1000]:
        yield f"{size} of an exponential distribution", rng.exponential(0.05, size)
    yield "far from 1", rng.exponential(1e-200, 50)
    yield "nearly equal", 3 + 1e-9 * rng.normal(size=40)


def described(values):
    n = len(values)
    mean = math.fsum(values) / n
    scale = abs(values).max()
    squares = math.fsum(((x - mean) / scale) ** 2 for x in values)
    order = np.argsort(-values, kind="stable")[:10]
    return {
        "values": values.tolist(),
        "mean": mean,
        "standard_deviation": scale * math.sqrt(squares / (n - 1)),
        "standard_error": scale * math.sqrt(squares / n / (n - 1)),
        "minimum": values.min(),
        "maximum": values.max(),
        "quantiles": [[q, np.quantile(values, q)] for q in QUANTILES],
        "largest": [[int(at), values[at]] for at in order],
    }


print(json.dumps({name: described(values) for name, values in cases()}))
