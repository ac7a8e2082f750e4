import orjson
from fastapi import FastAPI, Request, Response
from kl import kl

app = FastAPI()


# no model, no checks: the body goes from bytes to tensors by the shortest way
@app.post("/v1/kl-divergence")
async def kl_divergence(request: Request) -> Response:
    body = orjson.loads(await request.body())
    answer = kl(body["input"], body["target"], body.get("dim", -1))
    return Response(orjson.dumps(answer), media_type="application/json")
