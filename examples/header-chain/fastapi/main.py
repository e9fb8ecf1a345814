"""One service of a header chain, with FastAPI and, when asked for, spans of its own.

GET /api/v1/testA/  the answers of this service and those behind it; 502 with the reason when the next one fails
GET /status         200 while it takes requests

It reads the same variables as the Node program: SERVICE_NAME, SERVICE_VERSION, UPSTREAM, FORWARD_HEADERS, UPSTREAM_TIMEOUT_MS.
"""

from contextlib import asynccontextmanager
from os import environ

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tracing import flush, instrument

service = environ.get("SERVICE_NAME", "service")
version = environ.get("SERVICE_VERSION", "v1")
upstream = environ.get("UPSTREAM")
timeout = int(environ.get("UPSTREAM_TIMEOUT_MS", "5000")) / 1000


@asynccontextmanager
async def lifespan(_: FastAPI):
    yield
    flush()


app = FastAPI(openapi_url=None, lifespan=lifespan)
written_by_spans = instrument(app)
forward = [name for name in environ.get("FORWARD_HEADERS", "").split(",") if name and name not in written_by_spans]


def forwarded(request: Request) -> dict[str, str]:
    """Only what came, and came with a value: a tracer that finds an empty header drops the trace."""
    return {name: request.headers[name] for name in forward if request.headers.get(name)}


async def answers_behind(url: str, headers: dict[str, str]) -> list:
    async with httpx.AsyncClient(timeout=timeout) as client:
        response = await client.get(url, headers=headers)
    if response.status_code != 200:
        raise ValueError(f"answered {response.status_code} {response.text[:300]}")
    return response.json()["answers"]


@app.get("/status")
def status() -> dict:
    return {"service": service, "version": version}


@app.get("/api/v1/testA")
@app.get("/api/v1/testA/{rest:path}")
async def test_a(request: Request) -> JSONResponse:
    try:
        behind = await answers_behind(upstream, forwarded(request)) if upstream else []
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        reason = str(error) or type(error).__name__
        return JSONResponse({"service": service, "error": f"upstream {upstream}: {reason}"}, 502)
    return JSONResponse({"answers": [{"service": service, "version": version}, *behind]})
