from fastapi import FastAPI
from kl import kl
from pydantic import BaseModel


class KlRequest(BaseModel):
    input: list[list[float]]
    target: list[list[float]]
    dim: int = -1


app = FastAPI()


@app.post("/v1/kl-divergence")
async def kl_divergence(request: KlRequest) -> dict[str, float]:
    return kl(request.input, request.target, request.dim)
