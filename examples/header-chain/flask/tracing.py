"""Spans of the app's own, in the mesh's traces.

OTEL_EXPORTER_OTLP_ENDPOINT  where they go, http://HOST:4318; without it there are none, and headers are copied as they come
OTEL_PROPAGATORS             b3multi for a mesh that sends zipkin, tracecontext,baggage for opentelemetry
"""

from os import environ

from flask import Flask
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def instrument(app: Flask) -> set[str]:
    """Returns the headers that the spans now write; copying those as well would lead past the spans."""
    if not environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return set()
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    FlaskInstrumentor().instrument_app(app, excluded_urls="status")
    RequestsInstrumentor().instrument()
    written = set(propagate.get_global_textmap().fields)
    # What B3 says of the span before.
    return written | {"x-b3-parentspanid", "x-b3-flags"} if "x-b3-spanid" in written else written
