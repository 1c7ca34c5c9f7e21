"""What operators see: metrics that Prometheus' own tool finds nothing wrong with, traces from the player to the origin."""
import json
import re
import secrets
import subprocess

import pytest
import requests

from installation import BIN, Installation, wait_for
from own_edge import Origin, OwnEdge
from span_sink import SpanSink


def metrics_page(base, token=None):
    answer = requests.get(f"{base}/metrics", headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def promtool(page):
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def test_promtool_finds_nothing_wrong_with_the_metrics_after_real_traffic(weir, film):
    video_id, token = film
    cookies = weir.cookies(video_id, token)
    for _ in range(3):
        assert weir.get(f"/media/{video_id}/index.m3u8", cookies).status_code == 200
    assert weir.get(f"/media/{video_id}/index.m3u8").status_code == 403
    assert weir.get("/nowhere").status_code == 404
    assert weir.purge("--url", f"/media/{video_id}/index.m3u8").returncode == 0
    edge = metrics_page(weir.ready["admin"], weir.ready["edgeToken"])
    origin_config = json.loads((weir.directory / "config/origin.json").read_text())
    origin = metrics_page(f"http://{origin_config['adminListen']}")
    for page in (edge, origin):
        assert promtool(page) == ""
    hits = re.findall(r'^weir_edge_behavior_requests_total\{distribution="([^"]+)",behavior="/media/\*",result="hit"\} (\d+)',
                      edge, re.M)
    assert [(name, int(count) >= 2) for name, count in hits] == [(weir.ready["distributionId"], True)]


def test_promtool_would_find_something():
    assert "no help text" in promtool("weir_thing_count 1\n")


@pytest.fixture
def traced_weir(tmp_path, monkeypatch):
    """An installation whose edge and origin send their spans to a collector."""
    sink = SpanSink()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url)
    installation = Installation(tmp_path / "data")
    yield installation, sink
    assert installation.stop() == 0
    sink.stop()
    assert sink.problems == []


def test_a_trace_goes_from_the_player_through_the_edge_to_the_origin(traced_weir):
    weir, sink = traced_weir
    trace, player = secrets.token_hex(16), secrets.token_hex(8)
    answer = weir.get("/api/v1/videos", traceparent=f"00-{trace}-{player}-01", tracestate="player=1")
    assert answer.status_code == 200
    spans = wait_for(lambda: len(sink.of(trace)) >= 3 and sink.of(trace), 20, what="three spans of the trace")
    chain = {(span.service, span.kind): span for span in spans}
    edge, call, origin = (chain[key] for key in
                          [("weir-edge", "server"), ("weir-edge", "client"), ("weir-origin", "server")])
    assert [edge.parent, call.parent, origin.parent] == [player, edge.id, call.id]
    assert edge.attributes["weir.cache"] == "pass"
    assert {span.attributes["url.path"] for span in (edge, call, origin)} == {"/api/v1/videos"}
    assert {span.attributes["http.response.status_code"] for span in (edge, call, origin)} == {"200"}
    assert {span.fields["traceState"] for span in (edge, call, origin)} == {"player=1"}


def test_a_collector_that_is_away_costs_spans_and_nothing_else(tmp_path):
    def trace(document):
        document["telemetry"] = {"otlpEndpoint": "http://127.0.0.1:9", "samplePerMillion": 1_000_000, "queueSpans": 16}
    origin = Origin(size=100)
    edge = OwnEdge(tmp_path, origin, trace)
    session = requests.Session()
    for _ in range(100):
        assert session.get(f"http://127.0.0.1:{edge.port}/a", timeout=10).status_code == 200
    wait_for(lambda: 'weir_trace_spans_total{outcome="dropped"}' in edge.admin("/metrics", "GET").text, 20, what="dropped spans")
    assert edge.stop() == 0, edge.transcript()
    origin.stop()


def test_one_picture_of_an_edge_says_what_it_does(weir, film):
    video_id, token = film
    cookies = weir.cookies(video_id, token)
    for _ in range(20):
        assert weir.get(f"/media/{video_id}/index.m3u8", cookies).status_code == 200
    done = subprocess.run([BIN / "weir", "top", "--ready", weir.directory / "ready.json", "--once"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout, "colours in a pipe"
    for part in ["requests ", "hit ", "RESULT", "ORIGIN", "media", "STORE", "LOOPS", f"/media/{video_id}/index.m3u8"]:
        assert part in done.stdout, done.stdout
