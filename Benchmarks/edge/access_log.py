"""What the access log costs: the same edge without it, with JSON lines and with CloudFront's standard log in a file."""
import statistics
import time

import load
import origin as origins
from processes import BenchError
from servers import HTTP1, TLS1, Weir
from setting import running

# What a player loads: a playlist, then segments of two renditions, 1.1 MiB each on average.
MIX = ["playlist.m3u8", "segment-200k.m4s", "segment-2m.m4s", "segment-200k.m4s", "segment-2m.m4s"]
CASES = {"1k/h1": (["playlist.m3u8"], HTTP1), "1k/h1+tls": (["playlist.m3u8"], TLS1),
         "200k/h1": (["segment-200k.m4s"], HTTP1), "mix/h1": (MIX, HTTP1)}
# What players send beside the signed cookies.
FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Accept": "*/*", "Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en-GB,en;q=0.9",
    "Origin": "https://player.example.com", "Referer": "https://player.example.com/watch?v=42",
}


class Silent(Weir):
    name = "no access log"
    settings = {"log": {"access": False}}

    def configuration(self, setting):
        return {**super().configuration(setting), **self.settings}


class JSONLines(Silent):
    name = "json"
    settings = {"accessLog": {"output": "file", "file": "access.log"}}


class Standard(Silent):
    name = "w3c"
    settings = {"accessLog": {"output": "file", "file": "access.log", "format": "w3c"}}


KINDS = [Silent, JSONLines, Standard]


def access_log(setting, cases, rounds, seconds, say):
    """Each round loads one after the other, in turning order, so that what the machine does meanwhile meets them all."""
    samples = {case: {kind.name: [] for kind in KINDS} for case in cases}
    with running(KINDS, setting) as edges:
        for edge in edges:
            edge.request_fields = {**edge.request_fields, **FIELDS}
        for case in cases:
            names, protocol = CASES[case]
            for edge in edges:
                for name in names:
                    load.verify(edge, protocol, name)
                measure(edge, protocol, names, 1, setting)
            for turn in range(rounds):
                for edge in edges[turn % len(edges):] + edges[:turn % len(edges)]:
                    sample = measure(edge, protocol, names, seconds, setting)
                    samples[case][edge.name].append(sample)
                    say(f"{case} round {turn + 1}: {edge.name} {sample['cpu'] * 1e6:.2f} µs per request, "
                        f"{sample['rate']:.0f}/s, {sample['dropped']:.0f} lines dropped")
    return {"samples": samples, "summary": summary(samples)}


def measure(edge, protocol, names, seconds, setting):
    before, dropped = edge.program.cpu_seconds(), dropped_lines(edge)
    result = load.wrk(edge.url(protocol, names[0]), edge.request_fields, seconds, setting.load_core,
                      [origins.PREFIX + name for name in names])
    if result["errors"]:
        raise BenchError(f"{edge.name}: bad responses under load: {result}\n{edge.program.transcript()}")
    # The log's thread works on for a moment; what it does then belongs to these requests.
    time.sleep(0.5)
    return {"cpu": (edge.program.cpu_seconds() - before) / result["requests"], "rate": result["rate"],
            "dropped": dropped_lines(edge) - dropped}


def dropped_lines(edge):
    return edge.metric('weir_edge_log_dropped_lines_total{log="access"}') if edge.name != Silent.name else 0


def summary(samples):
    """Medians, and the median of each round's ratio to the edge without a log in the same round."""
    result = {}
    for case, kinds in samples.items():
        base = [sample["cpu"] for sample in kinds[Silent.name]]
        result[case] = {
            name: {"cpu": statistics.median(sample["cpu"] for sample in taken),
                   "ratio": statistics.median(sample["cpu"] / each for sample, each in zip(taken, base)),
                   "dropped": sum(sample["dropped"] for sample in taken)}
            for name, taken in kinds.items()}
    return result


def table(result):
    lines = ["| case | " + " | ".join(kind.name for kind in KINDS) + " |", "|---|" + "---|" * len(KINDS)]
    for case, kinds in result["summary"].items():
        cells = [f"{each['cpu'] * 1e6:.2f} µs ({each['ratio']:.3f})" for each in kinds.values()]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return lines
