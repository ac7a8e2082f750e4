"""Regenerates conventions.json: what the real PyTorch, SciPy and Keras answer to the expressions that `explain` returns.

Needs numpy, scipy, torch and keras, and the service running:

    npm start &
    python test/golden/conventions.py http://127.0.0.1:3000 > test/golden/conventions.json

No test needs Python; the tests compare the service's own values with the ones kept in conventions.json.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import json
import math
import sys
import urllib.request
import warnings

import keras
import numpy as np
import scipy
import torch
import torch.nn.functional as F
from scipy.special import rel_entr, softmax
from scipy.stats import entropy

INF = "-Infinity"
PROBS = {"input_kind": "probs", "target_kind": "probs"}
COUNTS = {"input_kind": "counts", "target_kind": "counts"}
LOG_PROBS = {"input_kind": "log_probs", "target_kind": "log_probs"}
def both(kind):
    return {"input_kind": kind, "target_kind": kind}


CUBE = [[[1.0, 2.0], [3.0, 1.5]], [[0.5, 0.0], [2.0, -1.0]], [[0.3, 0.9], [-2.0, 1.0]]]
RATES = [[[1.5, 2.0], [3.0, 0.5]], [[0.5, 4.0], [2.0, 1.0]], [[0.25, 1.0], [2.0, 6.0]]]
OTHER_RATES = [[[2.0, 0.5], [1.0, 3.0]], [[1.5, 2.5], [0.5, 3.0]], [[5.0, 0.25], [1.0, 2.0]]]
OTHER_CUBE = [[[2.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 3.0]], [[-0.3, 0.2], [0.1, 2.0]]]

CASES = {
    "logits along dim 0": {"input": [[7.5, 2.75], [4.0, 7.25], [0.25, 8.0]], "target": [[6.5, 5.25], [6.75, 3.0], [4.5, 4.5]], "dim": 0},
    "logits of rank 1": {"input": [1.0, 2.0, 3.0], "target": [3.0, 1.0, 2.0]},
    "logits masked on both sides, and on one": {"input": [[1.0, 2.0, INF], [0.0, 1.0, 2.0]], "target": [[2.0, 1.0, INF], [2.0, INF, 0.0]]},
    "logits so far apart that probabilities underflow": {"input": [[0.0, 1000.0]], "target": [[1000.0, 0.0]]},
    "probabilities with zeros on both sides": {"input": [[0.25, 0.75, 0.0]], "target": [[0.5, 0.5, 0.0]], **PROBS},
    "probabilities with a zero in target only": {"input": [[0.25, 0.5, 0.25]], "target": [[0.5, 0.5, 0.0]], **PROBS},
    "probabilities with a zero in input only": {"input": [[0.25, 0.75, 0.0]], "target": [[0.5, 0.25, 0.25]], **PROBS},
    "masses that do not sum to 1": {"input": [[0.5, 0.75], [0.1, 0.2]], "target": [[0.5, 0.5], [0.75, 1.0]], **PROBS},
    "a target without mass": {"input": [[0.5, 0.5], [0.5, 0.5]], "target": [[0.0, 0.0], [0.5, 0.5]], **PROBS},
    "log-probabilities, -Infinity on both sides and on one": {
        "input": [[-0.5, -1.0, INF], [-1.0, -1.0, -2.0]],
        "target": [[-0.25, -1.5, INF], [-0.5, INF, -1.0]],
        **LOG_PROBS,
    },
    "log-probabilities against probabilities": {
        "input": [[-0.25, -1.5], [-1.0, -0.5]],
        "target": [[0.75, 0.25], [0.0, 1.0]],
        "input_kind": "log_probs",
        "target_kind": "probs",
    },
    "counts along dim 0": {"input": [[5.0, 0.0], [7.0, 3.0]], "target": [[2.0, 4.0], [6.0, 1.0]], "dim": 0, **COUNTS},
    "counts against logits": {"input": [[1.0, 0.5, -1.0]], "target": [[3.0, 0.0, 2.0]], "target_kind": "counts"},
    "logits along two trailing axes": {"input": CUBE, "target": OTHER_CUBE, "dim": [1, 2]},
    "logits along axes 0 and 2": {"input": CUBE, "target": OTHER_CUBE, "dim": [0, 2]},
    "logits along all axes": {"input": CUBE, "target": OTHER_CUBE, "dim": [0, 1, 2]},
    "logits along the middle axis": {"input": CUBE, "target": OTHER_CUBE, "dim": 1},
    "counts along axes 0 and 1": {"input": [[5.0, 1.0], [7.0, 3.0]], "target": [[2.0, 4.0], [6.0, 0.0]], "dim": [0, 1], **COUNTS},
    "logits at a temperature": {"input": [[7.5, 2.75, 4.0], [7.25, 0.25, 8.0]], "target": [[6.5, 5.25, 6.75], [3.0, 4.5, 4.5]], "temperature": 2.5},
    "logits with a mask": {"input": CUBE, "target": OTHER_CUBE, "weights": [[1, 0], [1, 1], [0, 1]]},
    "logits with weights, along dim 0": {"input": [[7.5, 2.75], [4.0, 7.25], [0.25, 8.0]], "target": [[6.5, 5.25], [6.75, 3.0], [4.5, 4.5]], "dim": 0, "weights": [0.25, 3]},
    "one distribution of counts with a weight": {"input": [5.0, 1.0], "target": [2.0, 4.0], "weights": 3, **COUNTS},
    "probabilities in bits with weights": {"input": [[0.25, 0.75], [0.5, 0.5]], "target": [[0.5, 0.5], [0.1, 0.9]], "base": 2, "weights": [2, 0.5], **PROBS},
    "probabilities in bits": {"input": [[0.25, 0.75]], "target": [[0.5, 0.5]], "base": 2, **PROBS},
    "normals by their logarithms of variances, in bits": {
        "input": {"loc": 0.5, "scale": 2.0},
        "target": {"loc": [[0.5, -1.0], [2.0, 0.0]], "log_variance": [[0.5, -1.0], [2.0, 1.0]]},
        "base": 2,
        **both("normal"),
    },
    "dirichlets along the last axis": {"input": {"concentration": RATES}, "target": {"concentration": OTHER_RATES}, **both("dirichlet")},
    "one dirichlet along both axes": {
        "input": {"concentration": RATES[0]},
        "target": {"concentration": OTHER_RATES[0]},
        "dim": [0, 1],
        **both("dirichlet"),
    },
    "dirichlets along two trailing axes": {
        "input": {"concentration": RATES},
        "target": {"concentration": OTHER_RATES},
        "dim": [1, 2],
        **both("dirichlet"),
    },
    "dirichlets along axes 0 and 2": {
        "input": {"concentration": RATES},
        "target": {"concentration": OTHER_RATES},
        "dim": [2, 0],
        **both("dirichlet"),
    },
    "dirichlets along dim 0 against one concentration for all": {
        "input": {"concentration": 0.75},
        "target": {"concentration": OTHER_RATES},
        "dim": 0,
        **both("dirichlet"),
    },
    "dirichlets along two axes against one concentration for all": {
        "input": {"concentration": 0.75},
        "target": {"concentration": OTHER_RATES},
        "dim": [0, 1],
        **both("dirichlet"),
    },
    "multivariate normals against one of mean 0": {
        "input": {"loc": 0, "covariance_matrix": [[2.0, 0.5], [0.5, 1.0]]},
        "target": {"loc": [[0.5, -1.0], [2.0, 0.0]], "scale_tril": [[[1.0, 0.0], [0.5, 2.0]], [[3.0, 0.0], [-1.0, 0.5]]]},
        **both("multivariate_normal"),
    },
    "multivariate normals of one mean in all coordinates, by their precision": {
        "input": {"loc": 1, "precision_matrix": [[2.0, 0.5], [0.5, 1.0]]},
        "target": {"loc": -1, "precision_matrix": [[1.0, 0.25], [0.25, 1.0]]},
        **both("multivariate_normal"),
    },
}


def array_of(nested):
    return np.array(json.loads(json.dumps(nested).replace('"-Infinity"', "-Infinity")), dtype=np.float64)


def value_of(library, expression, request):
    names = {"np": np, "F": F, "entropy": entropy, "rel_entr": rel_entr, "softmax": softmax, "keras": keras, "math": math, **vars(torch.distributions)}
    for side in ("input", "target", "weights"):
        given = request.get(side, 1)
        as_sent = lambda nested: torch.from_numpy(array_of(nested)) if library == "PyTorch" else array_of(nested)
        names[side] = {name: as_sent(nested) for name, nested in given.items()} if isinstance(given, dict) else as_sent(given)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = eval(expression, names)
    return jsonable((value.numpy() if torch.is_tensor(value) else np.asarray(value)).tolist())


def jsonable(value):
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def explained(service, request):
    call = urllib.request.Request(f"{service}/v1/kl-divergence/explain", json.dumps(request).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(call) as reply:
        return json.load(reply)


def main(service):
    cases = []
    for title, request in CASES.items():
        shown = explained(service, request)["conventions"]
        typed = [(row["library"], row["expression"]) for row in shown if row["library"] in ("PyTorch", "SciPy", "Keras")]
        answers = [{"library": library, "expression": expression, "value": value_of(library, expression, request)} for library, expression in typed]
        cases.append({"title": title, "request": request, "answers": answers})
    versions = {"torch": torch.__version__, "scipy": scipy.__version__, "keras": keras.__version__, "numpy": np.__version__}
    json.dump({"generated_with": versions, "cases": cases}, sys.stdout, indent=1)
    print()


main(sys.argv[1])
