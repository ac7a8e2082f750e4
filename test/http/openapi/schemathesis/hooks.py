"""What the OpenAPI document cannot tell schemathesis: bodies that are bytes, and how answers in other formats become the JSON of their schema."""

import base64
import gc
import json
import math
import struct

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

octets = "application/octet-stream"
divergence = "/v1/kl-divergence"
family = "/v1/divergences"

# nothing that is kept is garbage: to look for it all the time would take a seventh of the run's
gc.set_threshold(200_000, 20, 100)
# to look for proxies and passwords in the environment would take a sixth of each request's time
requests.Session.trust_env = property(lambda session: False, lambda session, value: None)

mark = b"numbers:"
numbers = st.lists(st.floats(-1e300, 1e300) | st.sampled_from([-math.inf, math.nan]), min_size=1, max_size=4)
schemathesis.openapi.media_type(octets, numbers.map(lambda values: mark + packed(values)))


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Makes the parts of a request that were drawn apart agree, but for those that shall be wrong."""
    path = case.operation.path
    is_right = lambda location: case.meta is None or not case.meta.is_negative_at(location)
    headers = dict(case.headers or {})
    if is_right(ParameterLocation.HEADER):
        headers.pop("Inference-Header-Content-Length", None)
        # a deadline that passes at once hides what the answer would be
        if float(headers.get("X-Request-Timeout", 1e3)) < 1e3:
            headers.pop("X-Request-Timeout")
    if case.media_type == octets:
        if isinstance(case.body, bytes) and case.body.startswith(mark):
            case.body, more = writers[path](case.body[len(mark) :])
            headers = {**more, **headers}
    elif path in (divergence, family) and is_right(ParameterLocation.QUERY):
        # the options in the query are those of bytes
        case.query = {}
    case.headers = headers


def packed(values):
    return struct.pack(f"<{len(values)}d", *values)


def safetensors(data):
    """A file with both tensors, to be answered by such a file."""
    ends = {"input": len(data), "target": 2 * len(data)}
    head = {name: {"dtype": "F64", "shape": [len(data) // 8], "data_offsets": [end - len(data), end]} for name, end in ends.items()}
    text = json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + data + data, {"Accept": "application/vnd.safetensors"}


def lines(data):
    """A line for each number."""
    values = struct.unpack(f"<{len(data) // 8}d", data)
    return b"".join(json.dumps({"id": at, "input": values, "target": values}).encode() + b"\n" for at in range(len(values))), {}


def inference(data):
    """JSON and the bytes of both inputs, to be answered with bytes."""
    about = {"shape": [len(data) // 8], "datatype": "FP64", "parameters": {"binary_data_size": len(data)}}
    inputs = [{"name": name, **about} for name in ("input", "target")]
    text = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return text + data + data, {"Inference-Header-Content-Length": str(len(text))}


writers = {
    **{path: safetensors for path in (divergence, family)},
    **{f"{path}/batch": lines for path in (divergence, family)},
    "/v2/models/{model}/infer": inference,
}


@schemathesis.deserializer("application/x-ndjson")
def answered_lines(ctx, response):
    *items, last = [json.loads(line) for line in response.content.splitlines()]
    refused = sum("problem" in item for item in items)
    assert last == {"totals": {"lines": len(items), "answered": len(items) - refused, "refused": refused}}, last
    return {"items": items}


@schemathesis.deserializer("application/vnd.safetensors")
def answered_safetensors(ctx, response):
    (length,) = struct.unpack_from("<Q", response.content)
    head = json.loads(response.content[8 : 8 + length])
    members = {name: json.loads(text) for name, text in head.pop("__metadata__").items()}
    for name, tensor in head.items():
        begin, end = tensor["data_offsets"]
        data = base64.b64encode(response.content[8 + length + begin : 8 + length + end]).decode()
        *of, reduction = name.rsplit(".", 1)
        results = members["divergences"][of[0]]["results"] if of else members["results"]
        results[reduction] = {"shape": tensor["shape"], "dtype": "float64", "base64": data}
    return members


@schemathesis.deserializer("application/octet-stream")
def answered_inference(ctx, response):
    (length,) = response.headers["inference-header-content-length"]
    body = json.loads(response.content[: int(length)])
    sizes = sum(output.get("parameters", {}).get("binary_data_size", 0) for output in body["outputs"])
    assert int(length) + sizes == len(response.content), "bytes that belong to no output"
    return body
