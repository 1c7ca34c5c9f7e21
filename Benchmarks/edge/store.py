"""`bench store`: what the segment store promises at size, by its own probe."""
import re
import subprocess
import tempfile

from compare import machine
from processes import BenchError

SMALL = 1_000
FIGURES = {
    "readyMicroseconds": r"ready after (\d+) µs", "uniformNanoseconds": r"uniform (\d+) ns",
    "popularNanoseconds": r"by popularity (\d+) ns", "putP50Microseconds": r"put: p50 (\d+) µs",
    "putP99Microseconds": r"p99 (\d+) µs", "putMostMicroseconds": r"max (\d+) µs",
    "percentFull": r"always full to (\d+) %", "percentFiles": r"files (\d+) %",
    "failedCommits": r"failed (\d+)", "evicted": r"evicted (\d+)",
}


def store(probe, objects, mebibytes, say):
    """Time to serve and of look-ups with few and with many objects; time to store a chunk in a full cache."""
    return {"machine": machine(), "objects": objects, "mebibytes": mebibytes,
            "few": opened(probe, SMALL, say), "many": opened(probe, objects, say),
            "steady": steady(probe, mebibytes, say)}


def opened(probe, objects, say):
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as directory:
        run(probe, say, "fill", directory, objects)
        return run(probe, say, "open", directory, objects)


def steady(probe, mebibytes, say):
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as directory:
        return run(probe, say, "steady", directory, mebibytes)


def run(probe, say, *arguments):
    """What the probe printed, as figures; the least of several rounds."""
    done = subprocess.run([probe, *map(str, arguments)], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        say(f"{arguments[0]} {arguments[2]}: {line}")
    if done.returncode:
        raise BenchError(f"{probe} {arguments[0]} failed: {done.stderr}")
    found = {name: re.findall(pattern, done.stdout) for name, pattern in FIGURES.items()}
    return {name: min(map(int, values)) for name, values in found.items() if values}


def table(result):
    """The summary as lines of text."""
    few, many, put = result["few"], result["many"], result["steady"]
    yield f"{'objects':>10} {'ready ms':>9} {'look-up ns, uniform':>20} {'by popularity':>14}"
    for count, row in ((SMALL, few), (result["objects"], many)):
        yield (f"{count:10} {row['readyMicroseconds'] / 1e3:9.1f} {row['uniformNanoseconds']:20} "
               f"{row['popularNanoseconds']:14}")
    yield (f"ratio of the look-ups: {many['uniformNanoseconds'] / few['uniformNanoseconds']:.2f} uniform, "
           f"{many['popularNanoseconds'] / few['popularNanoseconds']:.2f} by popularity")
    yield (f"a chunk stored with random eviction in {result['mebibytes']} MiB, never less than {put['percentFull']} % full: p50 "
           f"{put['putP50Microseconds']} µs, p99 {put['putP99Microseconds']} µs, at most "
           f"{put['putMostMicroseconds']} µs, {put['failedCommits']} commits failed, "
           f"{put['evicted']} objects evicted")
