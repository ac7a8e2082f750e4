"""Regenerates samples.json: what the real NumPy and SciPy make of samples and of their counts.

Needs numpy and scipy:

    python test/golden/samples.py > test/golden/samples.json

No test needs Python; the tests compare the service's own values with the ones kept in samples.json.
"""

import json

import numpy as np
import scipy
from scipy.stats import chi, chi2, chi2_contingency, entropy

random = np.random.default_rng(20)


def formula(count, power):
    """The same numbers in every language: whole numbers below 2^31 from a linear congruence, divided by 2^31, to a power."""
    state, numbers = 1, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        numbers.append((state / 2**31) ** power)
    return np.array(numbers)


def sides(make, n, m):
    return {"input": make(n), "target": make(m)}


SAMPLES = {
    "normal": sides(lambda n: random.normal(size=n), 120, 80),
    "normal against a shifted one": {"input": random.normal(0.4, 1.3, size=90), "target": random.normal(size=110)},
    "log-normal": sides(lambda n: random.lognormal(size=n), 70, 90),
    "heavy tails": sides(lambda n: random.standard_cauchy(size=n), 100, 100),
    "heavy tails up to 1e200": sides(lambda n: np.exp(random.normal(0, 100, size=n)), 60, 60),
    "tiny numbers": sides(lambda n: 1e-120 * random.normal(size=n), 50, 40),
    "numbers far from 0": sides(lambda n: 1e9 + random.normal(size=n), 50, 50),
    "few whole numbers, more bins than values": {"input": random.integers(1, 4, size=500), "target": random.integers(1, 5, size=400)},
    "whole numbers": sides(lambda n: random.poisson(40, size=n), 150, 150),
    "whole numbers below 0": sides(lambda n: random.integers(-1000, -2, size=n), 64, 64),
    "one number on each side": {"input": np.array([1.5]), "target": np.array([2.5])},
    "three numbers": {"input": np.array([1.5]), "target": np.array([2.5, 9.0])},
    "one value": {"input": np.full(7, 3.25), "target": np.full(5, 3.25)},
    "two values": {"input": np.array([0.0] * 30 + [1.0] * 70), "target": np.array([0.0] * 55 + [1.0] * 45)},
    "a constant against another": {"input": np.full(7, 3.5), "target": np.full(5, 4.25)},
    "ratings, the best a third of them": {"input": random.integers(1, 6, size=300), "target": random.choice([1, 2, 3, 4, 5], p=[.1, .1, .2, .3, .3], size=300)},
    "a power of 2 of numbers": sides(lambda n: random.uniform(size=n), 128, 128),
    "a formula": {"formula": [[40000, 3], [60000, 1]]},
}


def numbers_of(case):
    if "formula" in case:
        return tuple(formula(*arguments) for arguments in case["formula"])
    # of an integer array NumPy makes no bin narrower than 1, and so puts the two highest of few values into one
    return np.asarray(case["input"], dtype=float), np.asarray(case["target"], dtype=float)


def counts(values, edges):
    """Counts in bins whose first and last are open."""
    return np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0].tolist()


def deciles(target):
    """The distinct deciles, and the highest twice where a tenth or more of the numbers equal it, which numpy.histogram takes as a bin."""
    quantiles = np.quantile(target, np.linspace(0, 1, 11))
    distinct = np.unique(quantiles)
    if len(distinct) == 1:
        return np.histogram_bin_edges(target, 1)
    return np.append(distinct, distinct[-1]) if quantiles[9] == quantiles[10] else distinct


def binned(case):
    values = numbers_of(case)
    both = np.concatenate(values)
    edges = {rule: np.histogram_bin_edges(both, rule) for rule in ("doane", "sturges")}
    edges |= {str(bins): np.histogram_bin_edges(both, bins) for bins in (1, 7, 30)}
    edges["deciles"] = deciles(values[1])
    rules = {rule: {"edges": each.tolist(), "input": counts(values[0], each), "target": counts(values[1], each)} for rule, each in edges.items()}
    data = case if "formula" in case else {side: np.asarray(case[side]).tolist() for side in ("input", "target")}
    return {**data, "bins": rules}


def psi(case):
    """PSI by deciles of the reference with open ends, where each count is larger by 1: additive smoothing in Phoenix, base_count in Fiddler."""
    current, reference = numbers_of(case)
    edges = np.unique(np.quantile(reference, np.arange(0, 11) / 10))
    edges[0], edges[-1] = -np.inf, np.inf
    p, q = [(np.histogram(values, edges)[0] + 1) for values in (current, reference)]
    p, q = p / p.sum(), q / q.sum()
    return float(entropy(p, q) + entropy(q, p))


TABLES = [
    [[50, 30, 20, 0], [40, 30, 25, 5]],
    [[10, 20, 30], [12, 18, 33]],
    [[1000, 2000, 3000, 4000], [990, 2100, 2900, 4050]],
    [[3, 0], [0, 4]],
    [[5, 5, 0], [5, 5, 0]],
    [[123456, 234567], [124456, 233567]],
]


def tested(table):
    # SciPy refuses outcomes that neither side has
    seen = [column for column in zip(*table) if sum(column) > 0]
    g, p, degrees, _ = chi2_contingency(np.transpose(seen), correction=False, lambda_="log-likelihood")
    return {"input": table[0], "target": table[1], "statistic": float(g), "p_value": float(p), "degrees": int(degrees)}


DEGREES = [1, 2, 3, 9, 29, 100, 4095, 99999]

print(
    json.dumps(
        {
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "samples": {name: binned(case) for name, case in SAMPLES.items()},
            "psi": {name: psi(SAMPLES[name]) for name in ("normal", "normal against a shifted one", "log-normal", "heavy tails", "a formula")},
            "g_tests": [tested(table) for table in TABLES],
            "chi_square": [
                {"degrees": k, "mean_of_root": float(chi.mean(k)), "exceeded_by_0.05": float(chi2.isf(0.05, k)), "survival": [[float(x), float(chi2.sf(x, k))] for x in (0, 0.1 * k, k, k + 3 * np.sqrt(k), 5.0 * k)]}
                for k in DEGREES
            ],
        },
        separators=(",", ":"),
    )
)
