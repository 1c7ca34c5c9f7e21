"""A collector of spans: OTLP/HTTP in JSON, as strict as the protocol's own mapping."""
import json
import re
import threading

from own_edge import QuietHandler, ServedOrigin

HEX_OF = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
VALUES = {"stringValue": str, "intValue": str, "boolValue": bool}


class Span:
    def __init__(self, service, fields):
        self.service, self.fields = service, fields
        self.trace, self.id, self.parent = fields["traceId"], fields["spanId"], fields.get("parentSpanId")
        self.kind = {2: "server", 3: "client"}[fields["kind"]]
        self.attributes = {item["key"]: next(iter(item["value"].values())) for item in fields["attributes"]}

    def __repr__(self):
        return f"<{self.service} {self.kind} {self.id} of {self.parent} {self.attributes}>"


def check(fields):
    """What the protocol demands of a span."""
    for name, digits in HEX_OF.items():
        if name in fields or name != "parentSpanId":
            assert re.fullmatch(f"[0-9a-f]{{{digits}}}", fields[name]) and fields[name].strip("0"), fields
    start, end = int(fields["startTimeUnixNano"]), int(fields["endTimeUnixNano"])
    assert 1_600_000_000 * 10**9 < start <= end, fields
    assert fields["name"], fields
    for item in fields["attributes"]:
        (kind, value), = item["value"].items()
        assert isinstance(value, VALUES[kind]) and item["key"], item


class SpanSink(ServedOrigin):
    """Keeps every span it is sent; `problems` says what was not to the letter."""

    def __init__(self):
        self.spans, self.problems, self.lock = [], [], threading.Lock()
        sink = self

        class Handler(QuietHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                    sink.take(json.loads(body))
                    self.send_response(200)
                except Exception as problem:
                    sink.problems.append(repr(problem))
                    self.send_response(400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
        super().__init__(Handler)

    def take(self, document):
        for resource in document["resourceSpans"]:
            names = {item["key"]: item["value"]["stringValue"] for item in resource["resource"]["attributes"]}
            for scope in resource["scopeSpans"]:
                for fields in scope["spans"]:
                    check(fields)
                    with self.lock:
                        self.spans.append(Span(names["service.name"], fields))

    def of(self, trace):
        with self.lock:
            return [span for span in self.spans if span.trace == trace]
