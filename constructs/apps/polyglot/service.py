"""One service of the polyglot demo, in Python: asks its upstreams, puts its own name in front of their answers, and forwards the headers
that tie a trace together. Nothing but the standard library (3.9 or later); deployed as it stands, from a ConfigMap.

  GET /env      {"message": "Python3.13.14----->Lua5.1, Node22.20.0"}, or 502 {"error": ...}
  GET /status   ok

  UPSTREAMS             the URLs that it asks, in that order, with commas between them
  FORWARD_HEADERS       names in lower case, with commas between them
  UPSTREAM_TIMEOUT_MS   how long it waits for each, 10000 when left out
  PORT, HOST            8080 at every address of the pod when left out
"""

import http.client
import json
import os
import platform
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NAME = "Python" + platform.python_version()
UPSTREAMS = [url for url in os.environ.get("UPSTREAMS", "").split(",") if url]
FORWARD = [name for name in os.environ.get("FORWARD_HEADERS", "").split(",") if name]
TIMEOUT = int(os.environ.get("UPSTREAM_TIMEOUT_MS", "10000")) / 1000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/status":
            self.answer(200, "text/plain", "ok")
        elif path == "/env":
            self.env()
        else:
            self.answer(404, "application/json", json.dumps({"error": "only /env and /status are served here"}))

    def env(self):
        # Only what came, and came with a value: a tracer that finds an empty header drops the trace.
        headers = {name: self.headers[name] for name in FORWARD if self.headers[name]}
        messages = []
        for url in UPSTREAMS:
            try:
                messages.append(message_of(url, headers))
            except Exception as error:
                self.answer(502, "application/json", json.dumps({"error": f"{NAME}: upstream {url}: {error}"}))
                return
        message = NAME + ("----->" + ", ".join(messages) if messages else "")
        self.answer(200, "application/json", json.dumps({"message": message}))

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The proxy's access log says as much."""


def message_of(url, headers):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path or "/", headers=headers)
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    finally:
        connection.close()
    if response.status != 200:
        raise ValueError(f"answered {response.status} {body[:300]}")
    return json.loads(body)["message"]


class Server(ThreadingHTTPServer):
    # A request that is under way is still answered.
    daemon_threads = False


with Server((os.environ.get("HOST", ""), int(os.environ.get("PORT", "8080"))), Handler) as server:
    # As process 1, Python does not end on SIGTERM by itself; shutdown waits for serve_forever, which this thread is in.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"{NAME} listens at port {server.server_address[1]}", flush=True)
    server.serve_forever()
