"""How much sooner two workers finish a film than one, each on a processor of its own; `Scripts/bench workers` calls this."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import program
import sides
from compare import machine, rotated
from processes import BenchError, Program, pin, tree, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEAMS = [1, 2]


def main():
    given = parse()
    program.present(lambda folder: compare(given, folder), table, ["ffmpeg", "taskset"], given.json)


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench workers", description=__doc__)
    parser.add_argument("--weir", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--input", type=pathlib.Path, metavar="FILE", help="what is uploaded; default: four minutes of 720p30")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    return parser.parse_args()


def compare(given, folder):
    """Measures and returns the result as it is written to the JSON file."""
    if os.cpu_count() < max(TEAMS):
        raise BenchError(f"needs {max(TEAMS)} processors: one for each worker")
    film = given.input or sides.four_minutes(ROOT / "Tests/Fixtures/big-buck-bunny-720p25.mp4", folder)
    samples = {team: [] for team in TEAMS}
    for number in range(given.rounds):
        for team in rotated(TEAMS, number):
            with tempfile.TemporaryDirectory(dir=folder) as data:
                seconds = finish(given.weir, film, team, pathlib.Path(data))
            samples[team].append(round(seconds, 2))
            print(f"round {number + 1}/{given.rounds}  {team} worker(s) {seconds:8.2f} s", flush=True)
    ratios = [two / one for one, two in zip(samples[1], samples[2])]
    return {"machine": machine(), "rounds": given.rounds, "bytes": film.stat().st_size, "samples": samples,
            "ratio": round(statistics.median(ratios), 3)}


def finish(weir, film, team, folder):
    """Seconds from the beginning of an upload until all of it is published, with so many workers."""
    ports = [word for name in ("edge", "edge-tls", "origin", "s3", "admin") for word in (f"--{name}", "127.0.0.1:0")]
    ready = folder / "data/ready.json"
    service = Program("weir up", [weir, "up", "--data", folder / "data", "--workers", team, *ports],
                      ",".join(map(str, range(os.cpu_count()))), folder / "weir.log")
    try:
        wait_for(ready.exists, 60, "weir up to write ready.json")
        for core, worker in enumerate(workers(service, team)):
            pin(worker, core)
        began = time.monotonic()
        upload = subprocess.run([weir, "upload", "--ready", ready, film], capture_output=True, text=True)
        if upload.returncode != 0:
            raise BenchError(f"weir upload ended with status {upload.returncode}:\n{upload.stderr}{service.transcript()}")
        return time.monotonic() - began
    finally:
        service.stop()


def workers(service, team):
    """The process ids of the transcoders."""
    found = [pid for pid in tree(service.process.pid)
             if pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name == "weir-transcoder"]
    if len(found) != team:
        raise BenchError(f"weir up runs {len(found)} transcoders, not {team}:\n{service.transcript()}")
    return found


def table(result):
    """The summary as lines of text."""
    machine = result["machine"]
    yield (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; {result['bytes'] / 1e6:.0f} MB, "
           f"{result['rounds']} rounds; each worker on a core of its own")
    for team, seconds in result["samples"].items():
        yield f"{team} worker(s)  median {statistics.median(seconds):8.2f} s"
    yield f"two take {result['ratio']:.2f} of the time of one, median of the rounds' ratios"


main()
