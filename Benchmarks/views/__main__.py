"""How many pings of players an origin takes on one core, end to end over HTTP; `Scripts/bench views` calls this."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import urllib.request

import program
from compare import machine
from load import CONNECTIONS, pinned
from processes import BenchError, Program, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "Tests/Fixtures/big-buck-bunny-720p25.mp4"
SCRIPT = pathlib.Path(__file__).with_name("pings.lua")
ORIGIN_CORE, LOAD_CORE = 0, 1
# Whether every ping belongs to an account, so that its token is looked at and its history written.
KINDS = ["anonymous", "signed in"]


def main():
    given = parse()
    program.present(lambda folder: compare(given, folder), table, ["wrk", "taskset"], given.json)


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench views", description=__doc__)
    parser.add_argument("--weir", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=int, default=5, help="of each round; default 5")
    parser.add_argument("--sessions", type=int, default=10_000, help="that ping in turn in each round; default 10000")
    parser.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    return parser.parse_args()


def compare(given, folder):
    """Measures and returns the result as it is written to the JSON file."""
    if os.cpu_count() < 2:
        raise BenchError("needs two processors: one for the origin, one for the load")
    url, video_id, token = prepare(given.weir, folder)
    configuration = json.loads((folder / "data/config/origin.json").read_text())
    # All of them come from one client here, which may not send so many.
    configuration["callsPerMinute"] = {"pings": 0}
    (folder / "origin.json").write_text(json.dumps(configuration))
    service = Program("weir-origin", [pathlib.Path(given.weir).with_name("weir-origin"), "--config", folder / "origin.json"],
                      ORIGIN_CORE, folder / "origin.log")
    try:
        service.wait_until_listening(int(url.rsplit(":", 1)[1]))
        samples = {kind: [] for kind in KINDS}
        for number in range(given.rounds):
            for kind in KINDS:
                sample = measure(given, f"{url}/api/v1/videos/{video_id}", service, f"{number}-{kind[0]}",
                                 token if kind == "signed in" else None)
                samples[kind].append(sample)
                print(f"round {number + 1}/{given.rounds}  {kind:10} {sample['rate']:8.0f}/s  {sample['perCoreSecond']:8.0f} per second "
                      f"of the core  p50 {sample['p50']:.0f} µs  p99 {sample['p99']:.0f} µs", flush=True)
        return {"machine": machine(), "rounds": given.rounds, "seconds": given.seconds, "sessions": given.sessions,
                "samples": samples}
    finally:
        service.stop()


def prepare(weir, folder):
    """Gives `folder` an installation with a video; returns the origin's address, the video's id and a token."""
    ports = [word for name in ("edge", "edge-tls", "origin", "s3", "admin") for word in (f"--{name}", "127.0.0.1:0")]
    service = Program("weir up", [weir, "up", "--data", folder / "data", *ports],
                      ",".join(map(str, range(os.cpu_count()))), folder / "weir.log")
    try:
        ready = folder / "data/ready.json"
        wait_for(ready.exists, 60, "weir up to write ready.json")
        said = json.loads(ready.read_text())
        return said["origin"], publish(weir, ready, said, service), sign_in(said)
    finally:
        service.stop()


def publish(weir, ready, said, service):
    """Uploads the sample, waits until it is ready, and returns its id."""
    upload = subprocess.run([weir, "upload", "--ready", ready, SAMPLE], capture_output=True, text=True)
    if upload.returncode != 0:
        raise BenchError(f"weir upload ended with status {upload.returncode}:\n{upload.stderr}{service.transcript()}")
    return ask(said["origin"] + "/api/v1/videos")["items"][0]["videoId"]


def measure(given, url, service, name, token):
    """Pings for a while; every session must have been counted, once."""
    before, cpu = ask(url)["views"], service.cpu_seconds()
    output = pinned(LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{given.seconds}s", "--timeout", "10s", "-s", SCRIPT,
                    url + "/views", "--", name, given.sessions, *([token] if token else []))
    result = json.loads(output.splitlines()[-1])
    if result["errors"] or result["requests"] < given.sessions:
        raise BenchError(f"pings were refused, or not every session has pinged: {result}")
    result["perCoreSecond"] = result["requests"] / (service.cpu_seconds() - cpu)
    wait_for(lambda: ask(url)["views"] >= before + given.sessions, 1, "views to be counted")
    counted = ask(url)["views"] - before
    if counted != given.sessions:
        raise BenchError(f"{given.sessions} sessions have pinged, {counted} are counted")
    return result


def sign_in(said):
    answer = ask(said["origin"], {
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": said["clientId"],
        "AuthParameters": {"USERNAME": said["adminEmail"], "PASSWORD": said["adminPassword"]}})
    return answer["AuthenticationResult"]["AccessToken"]


def ask(url, body=None):
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body else None)
    if body:
        request.add_header("Content-Type", "application/x-amz-json-1.1")
        request.add_header("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def table(result):
    """The summary as lines of text."""
    machine = result["machine"]
    yield (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; {result['rounds']} rounds of "
           f"{result['seconds']} s, {result['sessions']} sessions in each; origin and load on a core each")
    for kind, samples in result["samples"].items():
        rate, per_core, p99 = (statistics.median(sample[key] for sample in samples) for key in ("rate", "perCoreSecond", "p99"))
        yield f"{kind:10} median {rate:8.0f} pings/s  {per_core:8.0f} per second of the core  p99 {p99:.0f} µs"


main()
