"""Calls a started service through the real Triton client, sync and asyncio, and compares its numbers with NumPy's.

    pip install "tritonclient[http]"
    python test/clients/triton.py http://127.0.0.1:3000
"""

import asyncio
import itertools
import json
import sys

import ml_dtypes
import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

MODEL = "kl_div"
NUMBERS = ["sum", "mean", "batchmean", "distribution_mean"]
REDUCTIONS = ["none", "per_distribution", *NUMBERS]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]

INPUT = np.array([[2.0, 1.0, 0.1], [0.3, 0.3, 0.3]])
TARGET = np.array([[1.5, 1.2, 0.2], [0.1, 0.9, 2.0]])


def ask(client, input, target, outputs=(), binary=True, **options):
    """The result of one call. `outputs` are names, or pairs of a name and whether its bytes are wanted."""
    tensors = []
    for name, array in {"input": input, "target": target}.items():
        tensor = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        tensors.append(tensor.set_data_from_numpy(array, binary_data=binary))
    pairs = [(output, True) if isinstance(output, str) else output for output in outputs]
    requested = [triton.InferRequestedOutput(name, binary_data=as_bytes) for name, as_bytes in pairs]
    return client.infer(MODEL, tensors, outputs=requested, **options)


def textbook(input, target, axis=-1, read=None):
    """Every reduction of D(target || input) by its textbook formula, in float64; `read` makes log-probabilities, log_softmax unless given."""
    log_q, log_p = [(read or log_softmax)(array.astype(np.float64), axis) for array in (input, target)]
    terms = np.exp(log_p) * (log_p - log_q)
    divergences = terms.sum(axis)
    total = terms.sum()
    return {
        "none": terms,
        "per_distribution": divergences,
        "sum": np.array([total]),
        "mean": np.array([total / terms.size]),
        "batchmean": np.array([total / terms.shape[0]]),
        "distribution_mean": np.array([total / divergences.size]),
    }


def log_softmax(logits, axis):
    shifted = logits - logits.max(axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def log_shares(counts, axis):
    return np.log(counts / counts.sum(axis, keepdims=True))


def expect(condition, complaint):
    if not condition:
        raise AssertionError(complaint)


def equal(actual, expected):
    expect(actual == expected, f"got {actual!r}, expected {expected!r}")


def agree(actual, expected):
    """The same float64 shape, and the same numbers to 1e-12, or to 1e-15 where terms cancel."""
    expect(actual is not None, "the output is missing")
    equal((actual.dtype, actual.shape), (np.dtype(np.float64), expected.shape))
    off = np.abs(actual - expected) > 1e-12 * np.abs(expected) + 1e-15
    expect(not off.any(), f"got {actual[off][:3]}, expected {expected[off][:3]}")


def warning_codes(result):
    parameters = result.get_response()["parameters"]
    warnings = json.loads(parameters["warnings"])
    equal(parameters["warning_count"], len(warnings))
    return [warning["code"] for warning in warnings]


def refusal(call, *positional, **named):
    """What the client raises when the service refuses a call."""
    try:
        call(*positional, **named)
    except InferenceServerException as error:
        return error
    raise AssertionError("the service did not refuse")


def health(client):
    equal([client.is_server_live(), client.is_server_ready()], [True, True])
    equal([client.is_model_ready(MODEL), client.is_model_ready(MODEL, "1"), client.is_model_ready("resnet50")], [True, True, False])


def server_metadata(client):
    expect("binary_tensor_data" in client.get_server_metadata()["extensions"], "binary_tensor_data is no extension")


def model_metadata(client):
    for version in ("", "1"):
        metadata = client.get_model_metadata(MODEL, version)
        equal((metadata["name"], metadata["versions"]), (MODEL, ["1"]))
        equal([tensor["name"] for tensor in metadata["inputs"]], ["input", "target"])
        outputs = [tensor["name"] for tensor in metadata["outputs"]]
        equal([name for name in outputs if "." not in name], ["output", *REDUCTIONS])
        equal({tensor["datatype"] for tensor in metadata["inputs"] + metadata["outputs"]}, {"FP64"})


def one_output(client, dtype, binary, binary_output, name):
    input, target = INPUT.astype(dtype), TARGET.astype(dtype)
    result = ask(client, input, target, [(name, binary_output)], binary=binary)
    agree(result.as_numpy(name), textbook(input, target)[name])


def several_outputs(client):
    names = [(name, name in ("none", "sum")) for name in REDUCTIONS]
    result = ask(client, INPUT, TARGET, names)
    for name, expected in textbook(INPUT, TARGET).items():
        agree(result.as_numpy(name), expected)
    equal(result.as_numpy("output"), None)


def output_follows_reduction(client):
    for reduction, expected in textbook(INPUT, TARGET).items():
        for outputs in ([], ["output"], [("output", False)]):
            result = ask(client, INPUT, TARGET, outputs, parameters={"reduction": reduction})
            agree(result.as_numpy("output"), expected)


def output_is_a_vector(client):
    expected = textbook(INPUT, TARGET)
    agree(ask(client, INPUT, TARGET).as_numpy("output"), np.concatenate([expected[name] for name in NUMBERS]))


def every_listed_output(client):
    """As perf_analyzer asks, and other clients that know a model from its metadata alone."""
    outputs = [tensor["name"] for tensor in client.get_model_metadata(MODEL)["outputs"]]
    for binary in (True, False):
        result = ask(client, INPUT, TARGET, [(name, binary) for name in outputs])
        agree(result.as_numpy("sum"), textbook(INPUT, TARGET)["sum"])
        equal([result.as_numpy(name).shape for name in outputs if "." in name], [(0,) for name in outputs if "." in name])


def samples_in_bins(client):
    random = np.random.default_rng(5)
    input, target = random.normal(0.3, 1, 400), random.normal(0, 1, 500)
    edges = np.histogram_bin_edges(np.concatenate([input, target]), "doane")
    parameters = {"input_kind": "samples", "target_kind": "samples", "pseudocount": 1}
    for binary in (True, False):
        result = ask(client, input, target, binary=binary, parameters=parameters)
        agree(result.as_numpy("bins.edges"), edges)
        counts = {name: result.as_numpy(f"bins.counts.{name}") for name in ("input", "target")}
        for name, observed in {"input": input, "target": target}.items():
            agree(counts[name], np.histogram(observed, edges)[0].astype(float))
        expect(result.as_numpy("sampling.p_value")[0] < 0.05, "the samples are of different distributions")
        shares = textbook(counts["input"] + 1, counts["target"] + 1, read=log_shares)
        agree(result.as_numpy("output"), np.concatenate([shares[name] for name in NUMBERS]))


def narrow_floats(client):
    for dtype in (np.float16, ml_dtypes.bfloat16):
        input, target = INPUT.astype(dtype), TARGET.astype(dtype)
        agree(ask(client, input, target, ["sum"]).as_numpy("sum"), textbook(input, target)["sum"])


def integer_counts(client, dtype, binary):
    input, target = np.array([[12, 30, 58], [1, 2, 3]], dtype), np.array([[20, 25, 55], [3, 2, 1]], dtype)
    kinds = {"input_kind": "counts", "target_kind": "counts"}
    result = ask(client, input, target, ["per_distribution"], binary, parameters=kinds)
    agree(result.as_numpy("per_distribution"), textbook(input, target, read=log_shares)["per_distribution"])


def dim_as_integer_and_text(client):
    input, target = np.arange(12.0).reshape(2, 2, 3) / 4, np.arange(12.0).reshape(2, 2, 3) ** 2 / 50
    for dim, axis in [(0, 0), (-2, 1), ("1", 1), ("0,1", (0, 1)), ("0,2", (0, 2))]:
        result = ask(client, input, target, ["per_distribution"], parameters={"dim": dim})
        agree(result.as_numpy("per_distribution"), textbook(input, target, axis)["per_distribution"])


def the_notebook(client):
    input = np.array([[7.576, 2.793], [4.031, 7.347], [0.293, 7.999], [3.971, 7.544], [5.695, 4.388]])
    target = np.array([[6.387, 5.247], [6.826, 3.051], [4.635, 4.550], [5.725, 4.980], [9.371, 6.556]])
    result = ask(client, input, target, parameters={"dim": 0})
    equal(result.as_numpy("output").round(4).tolist(), [4.3808, 0.4381, 0.8762, 2.1904])
    expect("BATCHMEAN_NOT_PER_DISTRIBUTION" in warning_codes(result), "no warning of batchmean")


def bits(client):
    agree(ask(client, INPUT, TARGET, ["sum"], parameters={"base": 2}).as_numpy("sum"), textbook(INPUT, TARGET)["sum"] / np.log(2))


def id_and_version(client):
    response = ask(client, INPUT, TARGET, request_id="batch 7, é", model_version="1").get_response()
    equal([response["id"], response["model_name"], response["model_version"]], ["batch 7, é", MODEL, "1"])


def unknown_parameter(client):
    equal(warning_codes(ask(client, INPUT, TARGET, ["sum"], parameters={"traceparent": "00-1-2-01"})), ["IGNORED_PARAMETER"])


def infinite_answer(client):
    input, target = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.5, 0.5], [0.5, 0.5]])
    probs = {"input_kind": "probs", "target_kind": "probs"}
    for binary in (True, False):
        result = ask(client, input, target, [("sum", binary), ("per_distribution", binary)], binary, parameters=probs)
        equal(result.as_numpy("sum").tolist(), [np.inf])
        equal(result.as_numpy("per_distribution").tolist(), [np.inf, 0.0])
        equal(warning_codes(result), ["INFINITE_DIVERGENCE"])


def masked_logits(client):
    input, target = np.append(INPUT, [[-np.inf], [-np.inf]], axis=1), np.append(TARGET, [[-np.inf], [-np.inf]], axis=1)
    for binary in (True, False):
        agree(ask(client, input, target, ["sum"], binary).as_numpy("sum"), textbook(INPUT, TARGET)["sum"])


def refused_shapes(client):
    for binary in (True, False):
        error = refusal(ask, client, INPUT, TARGET[:, :2], binary=binary)
        equal(error.status(), "400")
        expect("[2, 2]" in error.message() and "[2, 3]" in error.message(), f"the message names no shapes: {error.message()}")


def refused_element(client):
    wrong = np.where(TARGET == 0.9, np.nan, TARGET)
    for binary in (True, False):
        error = refusal(ask, client, INPUT, wrong, binary=binary)
        equal(error.status(), "400")
        expect("NaN" in error.message(), f"the message does not name NaN: {error.message()}")


def refused_strictly(client):
    error = refusal(ask, client, INPUT, TARGET, ["mean"], parameters={"strict": True})
    equal(error.status(), "400")


def unknown_names(client):
    model = refusal(client.get_model_metadata, "resnet50")
    equal(model.status(), "404")
    expect("resnet50" in model.message(), f"the message does not name the model: {model.message()}")
    output = refusal(ask, client, INPUT, TARGET, ["maen"])
    equal(output.status(), "400")
    expect("maen" in output.message(), f"the message does not name the output: {output.message()}")


def compressed_request(client, coding):
    result = ask(client, INPUT, TARGET, ["none"], request_compression_algorithm=coding)
    agree(result.as_numpy("none"), textbook(INPUT, TARGET)["none"])


def large_tensor(client, binary_output, coding):
    random = np.random.default_rng(7)
    input, target = [random.normal(scale=2, size=(10_000, 100)).astype(np.float32) for _ in range(2)]
    result = ask(client, input, target, [("none", binary_output), "sum"], response_compression_algorithm=coding)
    expected = textbook(input, target)
    agree(result.as_numpy("none"), expected["none"])
    agree(result.as_numpy("sum"), expected["sum"])


# what is checked with each of the two clients: a sentence, the function, its arguments
CHECKS = [
    ("the server and the model are live and ready", health, []),
    ("the server says which extensions it has", server_metadata, []),
    ("the model says what it takes and gives", model_metadata, []),
    *[
        (f"{name} of {dtype.__name__}, sent {'as bytes' if binary else 'in JSON'}, answered {'as bytes' if back else 'in JSON'}",
         one_output, [dtype, binary, back, name])
        for dtype, binary, back, name in itertools.product([np.float32, np.float64], [True, False], [True, False], REDUCTIONS)
    ],
    ("several outputs come in one answer, as bytes and in JSON", several_outputs, []),
    ("output follows the parameter reduction", output_follows_reduction, []),
    ("output is the vector of the numbers without one", output_is_a_vector, []),
    ("every output of the metadata may be asked for, and those of samples are empty where there are none", every_listed_output, []),
    ("samples have the bins of NumPy, the counts, and the divergence of these", samples_in_bins, []),
    ("float16 and bfloat16 are read", narrow_floats, []),
    *[
        (f"counts are read from {dtype.__name__} {'bytes' if binary else 'in JSON'}", integer_counts, [dtype, binary])
        for dtype, binary in itertools.product(INTEGERS, [True, False])
    ],
    ("dim is an integer or text", dim_as_integer_and_text, []),
    ("the notebook's first experiment has its four numbers", the_notebook, []),
    ("base 2 gives bits", bits, []),
    ("the id comes back, and a version may be named", id_and_version, []),
    ("an unknown parameter is ignored with a warning", unknown_parameter, []),
    ("an infinite divergence is np.inf, with a warning", infinite_answer, []),
    ("masked logits count as nothing", masked_logits, []),
    ("shapes that differ are refused, and named", refused_shapes, []),
    ("an element that is NaN is refused", refused_element, []),
    ("strict refuses an answer with warnings", refused_strictly, []),
    ("an unknown model and an unknown output are refused, and named", unknown_names, []),
    *[(f"a request in {coding} is read", compressed_request, [coding]) for coding in ("gzip", "deflate")],
    *[
        (f"10 000 x 100 numbers go there as bytes and back {'as bytes' if back else 'in JSON'}, {coding or 'no coding'} asked for",
         large_tensor, [back, coding])
        for back, coding in [(True, None), (True, "gzip"), (True, "deflate"), (False, None), (False, "gzip")]
    ],
]


class Waiting:
    """The asyncio client as one that waits for each answer, so that every check runs with both clients."""

    def __init__(self, client, loop):
        self.client, self.loop = client, loop

    def __getattr__(self, name):
        method = getattr(self.client, name)
        return lambda *positional, **named: self.loop.run_until_complete(method(*positional, **named))


async def many_at_once(url):
    """Twenty requests in flight on one asyncio client."""
    async with triton_aio.InferenceServerClient(url) as client:
        scales = np.arange(1.0, 21.0)
        results = await asyncio.gather(*[ask(client, INPUT * scale, TARGET, ["sum"]) for scale in scales])
        for scale, result in zip(scales, results):
            agree(result.as_numpy("sum"), textbook(INPUT * scale, TARGET)["sum"])


def in_the_background(client):
    """The sync client's own way of having requests in flight."""
    tensors = [triton.InferInput(name, [2, 3], "FP64").set_data_from_numpy(array) for name, array in (("input", INPUT), ("target", TARGET))]
    handles = [client.async_infer(MODEL, tensors, request_id=str(i)) for i in range(5)]
    equal([handle.get_result().get_response()["id"] for handle in handles], ["0", "1", "2", "3", "4"])


async def connected(url):
    return triton_aio.InferenceServerClient(url)


def run(checks):
    for title, check, arguments in checks:
        try:
            check(*arguments)
        except Exception as error:
            sys.exit(f"FAILED {title}: {type(error).__name__}: {error}")
        print(f"passed: {title}")
    print(f"{len(checks)} checks passed")


def main(url="http://127.0.0.1:3000"):
    # the client refuses an address with a scheme
    address = url.removeprefix("http://").rstrip("/")
    loop = asyncio.new_event_loop()
    clients = {
        "sync": triton.InferenceServerClient(address),
        "aio": Waiting(loop.run_until_complete(connected(address)), loop),
    }
    try:
        run([
            *[(f"{kind}: {title}", check, [client, *arguments]) for kind, client in clients.items() for title, check, arguments in CHECKS],
            ("sync: five requests run in the background", in_the_background, [clients["sync"]]),
            ("aio: twenty requests are in flight at once", lambda: loop.run_until_complete(many_at_once(address)), []),
        ])
    finally:
        for client in clients.values():
            client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
