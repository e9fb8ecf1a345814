"""One service of a header chain, with Flask and, when asked for, spans of its own.

GET /api/v1/testA/  the answers of this service and those behind it; 502 with the reason when the next one fails
GET /status         200 while it takes requests

It reads the same variables as the Node program: SERVICE_NAME, SERVICE_VERSION, UPSTREAM, FORWARD_HEADERS, UPSTREAM_TIMEOUT_MS.
"""

from os import environ

import requests
from flask import Flask, request

from tracing import instrument

service = environ.get("SERVICE_NAME", "service")
version = environ.get("SERVICE_VERSION", "v1")
upstream = environ.get("UPSTREAM")
timeout = int(environ.get("UPSTREAM_TIMEOUT_MS", "5000")) / 1000

app = Flask(__name__)
written_by_spans = instrument(app)
forward = [name for name in environ.get("FORWARD_HEADERS", "").split(",") if name and name not in written_by_spans]


def forwarded() -> dict[str, str]:
    """Only what came, and came with a value: a tracer that finds an empty header drops the trace."""
    return {name: request.headers[name] for name in forward if request.headers.get(name)}


def answers_behind(url: str, headers: dict[str, str]) -> list:
    response = requests.get(url, headers=headers, timeout=timeout)
    if response.status_code != 200:
        raise ValueError(f"answered {response.status_code} {response.text[:300]}")
    return response.json()["answers"]


@app.get("/status")
def status() -> dict:
    return {"service": service, "version": version}


@app.get("/api/v1/testA", strict_slashes=False)
@app.get("/api/v1/testA/<path:rest>")
def test_a(rest: str = "") -> dict | tuple[dict, int]:
    try:
        behind = answers_behind(upstream, forwarded()) if upstream else []
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        return {"service": service, "error": f"upstream {upstream}: {error}"}, 502
    return {"answers": [{"service": service, "version": version}, *behind]}
