"""Writes test/fixtures/triton/*.http anew: the requests of the real Triton client, sync and asyncio, byte by byte.

    pip install "tritonclient[http]==2.73.0" brotli
    python test/clients/capture-triton.py

It needs no service: a socket records what the client sends. No test needs Python; the tests read the files that are kept.
"""

import asyncio
import pathlib
import queue
import re
import socket
import threading

import ml_dtypes
import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import np_to_triton_dtype

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures" / "triton"
MODEL = "kl_div"

INPUT = [[2.0, 1.0, 0.1], [0.3, 0.3, 0.3]]
TARGET = [[1.5, 1.2, 0.2], [0.1, 0.9, 2.0]]
CUBE = {"input": np.arange(12.0).reshape(2, 2, 3) / 4, "target": np.arange(12.0).reshape(2, 2, 3) ** 2 / 50}
COUNTS = {"input": [[12, 30, 58], [1, 2, 3]], "target": [[20, 25, 55], [3, 2, 1]]}
FAR_COUNTS = {"input": [[12, 30, 5_000_000_000], [1, 2, 3]], "target": [[20, 25, 7_000_000_000], [3, 2, 1]]}
MASKED = {"input": [[2.0, 1.0, -np.inf], INPUT[1]], "target": [[1.5, 1.2, -np.inf], TARGET[1]]}
MISSED = {"input": [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], "target": [[0.25, 0.25, 0.5], [0.2, 0.2, 0.6]]}
# repeats itself, so that 20 kB of it are a small file; the answer `none` has 80 kB
LARGE = {"input": np.arange(10_000).reshape(100, 100) % 7 + 1, "target": np.arange(10_000).reshape(100, 100) % 5 + 1}
KINDS = {"input_kind": "counts", "target_kind": "counts"}
PROBS = {"input_kind": "probs", "target_kind": "probs"}
EVERY_OUTPUT = ["output", "none", "per_distribution", "sum", "mean", "batchmean", "distribution_mean"]


def call(input=INPUT, target=TARGET, dtype=np.float64, binary=True, outputs=(), **options):
    """The arguments of one `infer`; `outputs` are pairs of a name and whether its bytes are asked for."""
    tensors = []
    for name, values in {"input": input, "target": target}.items():
        array = np.asarray(values, dtype=dtype)
        tensor = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
        tensors.append(tensor.set_data_from_numpy(array, binary_data=binary))
    requested = [triton.InferRequestedOutput(name, binary_data=as_bytes) for name, as_bytes in outputs]
    return {"model_name": MODEL, "inputs": tensors, "outputs": requested, **options}


def with_odd_header():
    """With an id that makes the length of the JSON odd, so that no tensor behind it is aligned."""
    for request_id in ("odd", "even"):
        arguments = call(request_id=request_id)
        _, length = triton.InferenceServerClient.generate_request_body(arguments["inputs"], request_id=request_id)
        if length % 2 == 1:
            return arguments
    raise RuntimeError("no id makes the header odd")


# by name of the case, the arguments of `infer`
INFERENCES = {
    "binary-fp32": call(dtype=np.float32),
    "binary-fp64": call(),
    "binary-fp16": call(dtype=np.float16),
    "binary-bf16": call(dtype=ml_dtypes.bfloat16),
    "int64-counts": call(**FAR_COUNTS, dtype=np.int64, parameters=KINDS),
    "uint8-counts": call(**COUNTS, dtype=np.uint8, parameters=KINDS),
    "odd-header": with_odd_header(),
    "json-fp64": call(binary=False, outputs=[("output", False)]),
    "json-fp32": call(dtype=np.float32, binary=False, outputs=[("output", False)]),
    "json-int64-counts": call(**FAR_COUNTS, dtype=np.int64, binary=False, outputs=[("output", False)], parameters=KINDS),
    "json-without-outputs": call(binary=False),
    "json-minus-infinity": call(**MASKED, binary=False, outputs=[("per_distribution", False)]),
    "json-infinity": call(input=[[2.0, 1.0, np.inf], INPUT[1]], binary=False, outputs=[("sum", False)]),
    "json-nan": call(target=[TARGET[0], [0.1, np.nan, 2.0]], binary=False, outputs=[("sum", False)]),
    "infinite-answer": call(
        **MISSED, outputs=[("sum", False), ("none", True), ("per_distribution", False), ("distribution_mean", True)], parameters=PROBS
    ),
    "gzip-request": call(request_compression_algorithm="gzip"),
    "deflate-request": call(request_compression_algorithm="deflate"),
    "gzip-json-request": call(binary=False, outputs=[("output", False)], request_compression_algorithm="gzip"),
    "gzip-small-answer": call(response_compression_algorithm="gzip"),
    **{
        f"{coding or 'any'}-large-answer": call(
            **LARGE,
            dtype=np.uint8,
            outputs=[("none", True), ("sum", False)],
            parameters=KINDS,
            request_compression_algorithm="gzip",
            response_compression_algorithm=coding,
        )
        for coding in ("gzip", "deflate", None)
    },
    "every-output-json": call(outputs=[(name, False) for name in EVERY_OUTPUT]),
    "every-output-binary": call(outputs=[(name, True) for name in EVERY_OUTPUT]),
    "mixed-outputs": call(outputs=[("sum", False), ("none", True), ("mean", False), ("per_distribution", True)]),
    "reduction": call(outputs=[("output", False)], parameters={"reduction": "batchmean"}),
    "reduction-none": call(parameters={"reduction": "none"}),
    "two-reductions": call(outputs=[("output", False)], parameters={"reduction": "sum,distribution_mean"}),
    "dim-integer": call(**CUBE, outputs=[("per_distribution", True)], parameters={"dim": 1}),
    "dim-text": call(**CUBE, outputs=[("per_distribution", True)], parameters={"dim": "0,1"}),
    "dim-out-of-range": call(parameters={"dim": 7}),
    "kinds": call(
        input=[[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]],
        target=[[5, 3, 2], [1, 2, 1]],
        outputs=[("sum", False)],
        parameters={"input_kind": "probs", "target_kind": "counts"},
    ),
    "base": call(outputs=[("sum", False)], parameters={"base": 2}),
    "base-fraction": call(outputs=[("sum", False)], parameters={"base": 2.5}),
    "strict": call(outputs=[("distribution_mean", False)], parameters={"strict": True}),
    "strict-refused": call(outputs=[("mean", False)], parameters={"strict": True}),
    "unknown-parameter": call(
        outputs=[("sum", False)], parameters={"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    ),
    "sequence-and-priority": call(outputs=[("sum", False)], sequence_id=7, sequence_start=True, priority=1),
    "timeout": call(outputs=[("sum", False)], timeout=60_000_000),
    "request-id": call(outputs=[("sum", False)], request_id="a request, number 7 – été"),
    "model-version": call(model_version="1", outputs=[("sum", False)]),
    "unknown-version": call(model_version="2", outputs=[("sum", False)]),
    "unknown-model": {**call(), "model_name": "resnet50"},
    "unknown-output": call(outputs=[("maen", False)]),
    "shapes-differ": call(target=[[1.5, 1.2], [0.1, 0.9]]),
    "one-input": {**call(), "inputs": call()["inputs"][:1]},
}

# by name of the case, a call without a body
LOOK_UPS = {
    "server-live": lambda client: client.is_server_live(),
    "server-ready": lambda client: client.is_server_ready(),
    "model-ready": lambda client: client.is_model_ready(MODEL),
    "model-ready-version": lambda client: client.is_model_ready(MODEL, "1"),
    "unknown-model-ready": lambda client: client.is_model_ready("resnet50"),
    "server-metadata": lambda client: client.get_server_metadata(),
    "model-metadata": lambda client: client.get_model_metadata(MODEL),
    "model-metadata-version": lambda client: client.get_model_metadata(MODEL, "1"),
    "unknown-model-metadata": lambda client: client.get_model_metadata("resnet50"),
    "model-config": lambda client: client.get_model_config(MODEL),
}

CALLS = {
    **LOOK_UPS,
    **{name: lambda client, arguments=arguments: client.infer(**arguments) for name, arguments in INFERENCES.items()},
}


class Recorder:
    """A server that keeps each request and answers all alike, with what every call of the client can read."""

    ANSWER = b'{"outputs":[]}'
    HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    def __init__(self):
        self.requests = queue.Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            while request := self.read(stream):
                self.requests.put(request)
                connection.sendall(self.HEAD % len(self.ANSWER) + self.ANSWER)

    def read(self, stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return None
            head += line
        length = re.search(rb"\r\ncontent-length: *(\d+)\r\n", head, re.IGNORECASE)
        return head, stream.read(int(length[1]) if length else 0)


def reproducible(head, body):
    """Without what differs from run to run: the port, and the time in the header of gzip. Content-Length stays right."""
    head = re.sub(rb"(?i)(\r\nhost: *)127\.0\.0\.1:\d+", rb"\1localhost:8000", head)
    if body.startswith(b"\x1f\x8b"):
        body = body[:4] + bytes(4) + body[8:]
    return head + body


def keep(recorder, name):
    request = recorder.requests.get(timeout=10)
    assert recorder.requests.empty(), name
    (FIXTURES / f"{name}.http").write_bytes(reproducible(*request))


def record_sync(recorder):
    with triton.InferenceServerClient(recorder.url) as client:
        for name, run in CALLS.items():
            run(client)
            keep(recorder, f"sync-{name}")


async def record_aio(recorder):
    async with triton_aio.InferenceServerClient(recorder.url) as client:
        for name, run in CALLS.items():
            await run(client)
            keep(recorder, f"aio-{name}")


for old in FIXTURES.glob("*.http"):
    old.unlink()
record_sync(Recorder())
asyncio.run(record_aio(Recorder()))
print(f"{len(list(FIXTURES.glob('*.http')))} requests in {FIXTURES}")
