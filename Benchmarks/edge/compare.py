"""`bench edge`: CPU per request, rate and latency of each server, case by case, round by round."""
import os
import platform
import statistics

import load
import origin
import servers as kinds
from processes import BenchError
from setting import running

# The case's name on the command line: the object it asks for.
SIZES = {"1k": "playlist.m3u8", "200k": "segment-200k.m4s", "2m": "segment-2m.m4s"}
CASES = [f"{size}/{protocol}" for size in SIZES for protocol in kinds.PROTOCOLS]
BASELINE = "nginx"


def compare(setting, names, cases, rounds, seconds, say):
    """Measures and returns the result as it is written to the JSON file."""
    if setting.server_core == setting.load_core:
        raise BenchError("needs two processors: one for the server, one for the load")
    with running([kinds.BY_NAME[name] for name in names], setting) as servers:
        skipped = {server.name: verify_all(server, cases) for server in servers}
        asked = setting.origin.requests
        samples = {case: {server.name: [] for server in servers} for case in cases}
        for number in range(rounds):
            for case in cases:
                for server in rotated(servers, number):
                    if case not in skipped[server.name]:
                        sample = measure(server, case, seconds, setting.load_core)
                        samples[case][server.name].append(sample)
                        say(f"round {number + 1}/{rounds}  {case:9} {server.name:12} {sample['cpu']:9.1f} µs/request  "
                            f"{sample['rate']:9.0f}/s  p50 {sample['p50']} µs  p99 {sample['p99']} µs")
        asked = setting.origin.requests - asked
    return {
        "machine": machine(), "versions": kinds.versions(names), "rounds": rounds, "seconds": seconds,
        "connections": {"h1": load.CONNECTIONS, "h2": f"{load.H2_CONNECTIONS} x {load.H2_STREAMS} streams"},
        "originRequestsWhileMeasuring": asked, "skipped": skipped, "samples": samples,
        "summary": {case: summary(samples[case]) for case in cases},
    }


def verify_all(server, cases):
    """Warms the cache and returns {case: why it cannot be measured}."""
    reasons = {case: load.verify(server, *protocol_and_object(case)) for case in cases}
    return {case: reason for case, reason in reasons.items() if reason}


def protocol_and_object(case):
    size, protocol = case.split("/")
    return protocol, SIZES[size]


def rotated(servers, number):
    """Another server begins each round, so that no one always follows the same."""
    start = number % len(servers)
    return servers[start:] + servers[:start]


def measure(server, case, seconds, core):
    protocol, name = protocol_and_object(case)
    before = server.program.cpu_seconds()
    result = load.generate(server, protocol, name, seconds, core)
    spent = server.program.cpu_seconds() - before
    return {"cpu": round(spent * 1e6 / result["requests"], 2), "rate": round(result["rate"]),
            "p50": round(result["p50"]), "p99": round(result["p99"]), "requests": result["requests"]}


def summary(samples):
    """Medians of each server, and the median of its round-by-round ratios to the baseline."""
    found = {}
    baseline = samples.get(BASELINE, [])
    for name, rounds in samples.items():
        if not rounds:
            continue
        found[name] = {key: statistics.median(sample[key] for sample in rounds) for key in ("cpu", "rate", "p50", "p99")}
        ratios = [sample["cpu"] / base["cpu"] for sample, base in zip(rounds, baseline) if base["cpu"]]
        found[name]["ratio"] = round(statistics.median(ratios), 3) if ratios else None
    return found


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown")
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}


def table(result):
    """The summary as lines of text."""
    machine = result["machine"]
    yield f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; " + ", ".join(
        f"{name} {version}" for name, version in result["versions"].items())
    yield (f"{result['rounds']} rounds of {result['seconds']} s; medians; ratio: CPU per request to {BASELINE}'s, "
           "median of the rounds' ratios")
    yield f"{'case':10} {'server':12} {'CPU µs/req':>11} {'req/s':>9} {'p50 µs':>8} {'p99 µs':>8} {'ratio':>7}"
    for case, servers in result["summary"].items():
        for name, row in servers.items():
            ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
            yield (f"{case:10} {name:12} {row['cpu']:11.1f} {row['rate']:9.0f} {row['p50']:8.0f} {row['p99']:8.0f} "
                   f"{ratio:>7}")
    for name, cases in result["skipped"].items():
        for reason in sorted(set(cases.values())):
            yield f"{name}: no {', '.join(case for case in cases if cases[case] == reason)} ({reason})"
    yield f"requests that reached the origin while measuring: {result['originRequestsWhileMeasuring']}"
