"""Makes closed-forms.json anew: KL of parametric distributions, to 34 digits by mpmath, and as torch.distributions answers in float64.

    pip install mpmath torch
    python test/golden/closed-forms.py > test/golden/closed-forms.json

No test needs Python.
"""

import json
import random
import sys

import mpmath as mp
import torch
from torch import distributions as td

# probabilities of 1e-300 from 1, and differences of them
mp.mp.dps = 900
rng = random.Random(7)
AXES = 24


def uniform(low, high):
    return lambda: rng.uniform(low, high)


def log_uniform(low, high):
    return lambda: 10 ** rng.uniform(low, high)


DRAW = {
    "loc": uniform(-3, 3),
    "scale": log_uniform(-1, 1),
    "log_variance": uniform(-4, 4),
    "rate": log_uniform(-1, 1),
    "concentration": log_uniform(-1, 1.5),
    "concentration1": log_uniform(-1, 1.5),
    "concentration0": log_uniform(-1, 1.5),
    "probs": uniform(0.02, 0.98),
    "logits": uniform(-6, 6),
}


def kl_normal(p, q):
    a, b = variance(p), variance(q)
    return (mp.log(b / a) + (a + (p["loc"] - q["loc"]) ** 2) / b - 1) / 2


def variance(d):
    return d["scale"] ** 2 if "scale" in d else mp.exp(d["log_variance"])


def kl_laplace(p, q):
    a, b, x = p["scale"], q["scale"], abs(p["loc"] - q["loc"])
    return mp.log(b / a) + x / b + a / b * mp.exp(-x / a) - 1


def kl_exponential(p, q):
    return mp.log(p["rate"] / q["rate"]) + q["rate"] / p["rate"] - 1


def kl_gamma(p, q):
    a, b, r, s = p["concentration"], q["concentration"], p["rate"], q["rate"]
    return (a - b) * mp.digamma(a) - mp.loggamma(a) + mp.loggamma(b) + b * mp.log(r / s) + a * (s - r) / r


def kl_dirichlet(a, b):
    terms = [mp.loggamma(y) - mp.loggamma(x) + (x - y) * (mp.digamma(x) - mp.digamma(sum(a))) for x, y in zip(a, b)]
    return mp.loggamma(sum(a)) - mp.loggamma(sum(b)) + sum(terms)


def kl_beta(p, q):
    return kl_dirichlet([p["concentration1"], p["concentration0"]], [q["concentration1"], q["concentration0"]])


def chance(d):
    return d["probs"] if "probs" in d else 1 / (1 + mp.exp(-d["logits"]))


def kl_bernoulli(p, q):
    a, b = chance(p), chance(q)
    return sum(x * mp.log(x / y) for x, y in ((a, b), (1 - a, 1 - b)) if x > 0)


def kl_poisson(p, q):
    a, b = p["rate"], q["rate"]
    return (a * mp.log(a / b) if a > 0 else 0) - a + b


def kl_geometric(p, q):
    return kl_bernoulli(p, q) / chance(p)


def log_variance_normal(loc, log_variance):
    return td.Normal(loc, torch.exp(log_variance / 2))


UNIVARIATE = {
    "normal": (kl_normal, td.Normal, ["loc", "scale"]),
    "normal by log_variance": (kl_normal, log_variance_normal, ["loc", "log_variance"]),
    "laplace": (kl_laplace, td.Laplace, ["loc", "scale"]),
    "exponential": (kl_exponential, td.Exponential, ["rate"]),
    "gamma": (kl_gamma, td.Gamma, ["concentration", "rate"]),
    "beta": (kl_beta, td.Beta, ["concentration1", "concentration0"]),
    "bernoulli": (kl_bernoulli, td.Bernoulli, ["probs"]),
    "bernoulli by logits": (kl_bernoulli, lambda logits: td.Bernoulli(logits=logits), ["logits"]),
    "poisson": (kl_poisson, td.Poisson, ["rate"]),
    "geometric": (kl_geometric, td.Geometric, ["probs"]),
    "geometric by logits": (kl_geometric, lambda logits: td.Geometric(logits=logits), ["logits"]),
}

# numbers that float64 can just hold, or nearly equal ones far out, as (p, q) of each parameter
EXTREMES = {
    "normal": [((0, 1e-150), (0, 1e150)), ((1e100, 1), (-1e100, 1e90)), ((0, 1e-160), (0, 1e-160 * (1 + 1e-9)))],
    "laplace": [((0, 1e-150), (0, 1e150)), ((5, 1e-200), (-5, 1e10)), ((1, 1e6), (1 + 1e-3, 1e6 + 1e-3))],
    "exponential": [((1e-150,), (1e150,)), ((1e150,), (1e-150,)), ((1e-300,), (1.0000001e-300,))],
    "gamma": [
        ((1e-8, 1), (1e8, 1)),
        ((1e8, 1), (1e-8, 1)),
        ((1e7, 3), (1e7 + 1, 3)),
        ((1e7, 3), (1e7 * (1 + 1e-9), 3 * (1 + 1e-9))),
        ((1e-6, 2), (1e-6 * (1 + 1e-7), 2)),
        ((12, 1e-100), (12.5, 1e100)),
        ((1e40, 1e40 * (1 + 1e-9)), (3e40, 3e40)),
    ],
    "beta": [
        ((1e-8, 1e8), (1e8, 1e-8)),
        ((1e7, 1e-3), (1e7 + 1, 1e-3)),
        ((1e6, 1e6), (1e6 * (1 + 1e-9), 1e6 * (1 + 1e-9))),
        ((1e-20, 1), (2e-20, 1e20)),
        ((1e-5, 1), (1e-5, 1e6)),
        ((1e-6, 1), (1e-6, 1e6)),
        ((1e-10, 1), (2e-10, 1e10)),
        ((3.0374e-33, 1.00677e-58), (4.666e47, 1.0647e-79)),
        ((1e-100, 1e100), (2e-100, 1e-100)),
        ((1e99, 2e99), (2e99, 4e99)),
        ((1e-100, 2e-100), (1e-100 * (1 + 1e-9), 2e-100)),
    ],
    "bernoulli": [((0,), (0.5,)), ((1,), (0.5,)), ((1e-300,), (0.5,)), ((0.5,), (1e-300,)), ((1e-9,), (1.0000001e-9,)), ((8.4e-296,), (9.5e-296,)), ((2.9e-75,), (2.4e-75,))],
    "bernoulli by logits": [((-800,), (-900,)), ((800,), (-900,)), ((-40,), (-40 + 1e-7,)), ((40,), (40 + 1e-7,)), ((-1,), (800,))],
    "poisson": [((0,), (2,)), ((1e-300,), (1e200,)), ((1e9,), (1e9 + 1e-2,))],
    "geometric": [
        ((1,), (0.5,)),
        ((1,), (1 - 1e-9,)),
        ((1e-200,), (1e-100,)),
        ((1e-9,), (1.0000001e-9,)),
        ((5.4e-294,), (4.7e-294,)),
        ((2.68e-293,), (2.68e-293 * (1 + 1e-9),)),
    ],
    "geometric by logits": [((-40,), (-40 + 1e-7,)), ((40,), (30,)), ((-300,), (-310,))],
}


def near(value, by):
    return value + by * (abs(value) if value else 1) * rng.choice([-1, 1]) * rng.uniform(0.5, 1)


def side(names, rows):
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def exact(names, row):
    return {name: mp.mpf(x) for name, x in zip(names, row)}


def digits(value):
    return mp.nstr(value, 34)


def tensors(d):
    return [torch.tensor(values, dtype=torch.float64) for values in d.values()]


def case(title, kind, target, input, kl, torch_kl):
    return {"title": title, "kind": kind, "target": target, "input": input, "kl": [digits(x) for x in kl], "torch": torch_kl.tolist()}


def univariate(title, rows):
    formula, make, names = UNIVARIATE[title.split(",")[0]]
    p, q = [side(names, [row[at] for row in rows]) for at in (0, 1)]
    kl = [formula(exact(names, a), exact(names, b)) for a, b in rows]
    torch.distributions.Distribution.set_default_validate_args(False)
    return case(title, title.split(",")[0].split(" ")[0], p, q, kl, td.kl_divergence(make(*tensors(p)), make(*tensors(q))))


def cases():
    for name, (_, _, names) in UNIVARIATE.items():
        draw = lambda: tuple(DRAW[one]() for one in names)
        yield univariate(f"{name}, at random", [(draw(), draw()) for _ in range(AXES)])
        for by in (1e-2, 1e-5, 1e-8, 1e-11):
            rows = [draw() for _ in range(6)]
            yield univariate(f"{name}, {by} apart", [(row, tuple(near(x, by) for x in row)) for row in rows])
        if name in EXTREMES:
            yield univariate(f"{name}, extreme", EXTREMES[name])
    yield from dirichlets()
    yield from multivariate()
    yield from whole_domain()


def whole_domain():
    """Concentrations and rates from 1e-100 to 1e100, some of them nearly equal on both sides."""
    own = random.Random(11)
    partner = lambda x: min(max(x * (1 + 10 ** own.uniform(-12, 0)), 1e-100), 1e100) if own.random() < 0.5 else 10 ** own.uniform(-100, 100)
    for name in ("gamma", "beta"):
        firsts = [[10 ** own.uniform(-100, 100) for _ in range(2)] for _ in range(40)]
        yield univariate(f"{name}, extreme, at random", [(row, [partner(x) for x in row]) for row in firsts])
    given = ([[1e-20, 1]], [[2e-20, 1e20]])
    drawn = [[10 ** own.uniform(-100, 100) for _ in range(5)] for _ in range(20)]
    for title, a, b in (("given", *given), ("at random", drawn, [[partner(x) for x in row] for row in drawn])):
        yield dirichlet_case(f"extreme, {title}", a, b)


def dirichlets():
    draw = DRAW["concentration"]
    for title, k, partner in [
        ("at random", 7, lambda x: draw()),
        ("1e-5 apart", 7, lambda x: near(x, 1e-5)),
        ("1e-8 apart", 7, lambda x: near(x, 1e-8)),
        ("large, in proportion", 4, lambda x: x * (1 + 1e-6)),
        ("of 1000 outcomes", 1000, lambda x: draw()),
    ]:
        count = 1 if k == 1000 else 3
        a = [[draw() * (1e5 if "large" in title else 1) for _ in range(k)] for _ in range(count)]
        b = [[partner(x) for x in row] for row in a]
        yield dirichlet_case(title, a, b)


def dirichlet_case(title, a, b):
    kl = [kl_dirichlet([mp.mpf(x) for x in p], [mp.mpf(x) for x in q]) for p, q in zip(a, b)]
    p, q = {"concentration": a}, {"concentration": b}
    return case(f"dirichlet, {title}", "dirichlet", p, q, kl, td.kl_divergence(td.Dirichlet(*tensors(p)), td.Dirichlet(*tensors(q))))


def lower(n):
    return [[rng.gauss(0, 1) if j < i else rng.uniform(0.5, 2) if j == i else 0.0 for j in range(n)] for i in range(n)]


def product(a):
    n = len(a)
    return [[sum(a[i][k] * a[j][k] for k in range(n)) for j in range(n)] for i in range(n)]


def symmetric_near(m, by):
    n = len(m)
    result = [[near(x, by) for x in row] for row in m]
    return [[result[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def covariance(name, matrix):
    m = mp.matrix(matrix)
    return m if name == "covariance_matrix" else m * m.T if name == "scale_tril" else m ** -1


def kl_multivariate(p, q):
    (loc_p, name_p, a), (loc_q, name_q, b) = p, q
    a, b = covariance(name_p, a), covariance(name_q, b)
    inverse = b ** -1
    d = mp.matrix([x - y for x, y in zip(map(mp.mpf, loc_p), map(mp.mpf, loc_q))])
    product = inverse * a
    trace = sum(product[i, i] for i in range(a.rows))
    return (trace - a.rows + (d.T * inverse * d)[0] + mp.log(mp.det(b) / mp.det(a))) / 2


def multivariate():
    matrices = {"covariance_matrix": lambda n: product(lower(n)), "scale_tril": lower, "precision_matrix": lambda n: product(lower(n))}
    for name_p, draw_p in matrices.items():
        for name_q, draw_q in matrices.items():
            pairs = [(draw_p(4), draw_q(4)) for _ in range(2)]
            yield multivariate_case(f"{name_p} against {name_q}", name_p, name_q, pairs, 1)
    for name, draw in matrices.items():
        for by in (1e-5, 1e-8):
            firsts = [draw(5) for _ in range(2)]
            change = symmetric_near if name != "scale_tril" else lambda m, by: [[x and near(x, by) for x in row] for row in m]
            yield multivariate_case(f"{name}, {by} apart", name, name, [(m, change(m, by)) for m in firsts], by)
    yield multivariate_case("of 40 coordinates", "covariance_matrix", "scale_tril", [(product(lower(40)), lower(40))], 1)


def multivariate_case(title, name_p, name_q, pairs, by):
    locs = [([DRAW["loc"]() for _ in a],) for a, _ in pairs]
    others = [[near(x, by) for x in loc] for (loc,) in locs]
    p = {"loc": [loc for (loc,) in locs], name_p: [a for a, _ in pairs]}
    q = {"loc": others, name_q: [b for _, b in pairs]}
    kl = [kl_multivariate((x, name_p, a), (y, name_q, b)) for (x,), y, (a, b) in zip(locs, others, pairs)]
    make = lambda d: td.MultivariateNormal(**{name: torch.tensor(values, dtype=torch.float64) for name, values in d.items()})
    return case(f"multivariate_normal, {title}", "multivariate_normal", p, q, kl, td.kl_divergence(make(p), make(q)))


def finite(value):
    return [finite(x) for x in value] if isinstance(value, list) else value if value - value == 0 else str(value)


made = [{**one, "torch": finite(one["torch"])} for one in cases()]
about = f"mpmath {mp.__version__}, torch {torch.__version__}"
json.dump({"generated_with": about, "cases": made}, sys.stdout)
print()
