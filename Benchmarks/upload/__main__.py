"""Uploads of one large file to an origin's S3 gateway beside nginx, on one disk, in turns; `Scripts/bench upload` calls this."""
import argparse
import os
import pathlib
import statistics
import time

import memory
import program
import signing
from compare import machine, rotated
from setting import Setting
from sides import Film, Nginx, Weir
from servers import versions

FIGURES = {"answered": "s to the answer", "durable": "s until it is on the disk", "cpu": "CPU s/GiB", "growth": "memory MiB"}


def main():
    given = parse()
    program.present(lambda folder: compare(given, folder), table, ["nginx", "curl", "openssl", "taskset"], given.json)


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench upload", description=__doc__)
    parser.add_argument("--weir-origin", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--mebibytes", type=int, default=2048, help="size of the file; default 2048")
    parser.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    return parser.parse_args()


def compare(given, folder):
    """Measures and returns the result as it is written to the JSON file."""
    cores = sorted(os.sched_getaffinity(0))
    setting = Setting(folder, None, None, None, *signing.make_signing_key(folder), None, None, cores[0], cores[-1])
    film = Film(folder, given.mebibytes)
    sides = [Nginx(setting)]
    try:
        sides.append(Weir(setting, given.weir_origin))
        samples = {side.name: [] for side in sides}
        for number in range(given.rounds):
            for side in rotated(sides, number):
                sample = measure(side, film)
                samples[side.name].append(sample)
                print(f"round {number + 1}/{given.rounds}  {side.name:12}", *(f"{sample[key]:7.2f} {text}" for key, text in FIGURES.items()),
                      flush=True)
    finally:
        for side in sides:
            side.stop()
    return {"machine": machine(), "versions": versions(["nginx"]), "rounds": given.rounds, "mebibytes": given.mebibytes,
            "samples": samples, "ratios": {key: ratio(samples, key) for key in ("answered", "durable", "cpu")}}


def measure(side, film):
    """One upload, begun with nothing left to write to the disk."""
    os.sync()
    before, cpu = memory.reset(side.program.tree()), side.program.cpu_seconds()
    began = time.monotonic()
    answer = side.put(film.path)
    answered = time.monotonic()
    cpu = side.program.cpu_seconds() - cpu
    growth = memory.highest(side.program.tree()) - before
    synchronizing = time.monotonic()
    side.synchronize()
    durable = answered - began + time.monotonic() - synchronizing
    side.check(film, answer)
    side.remove()
    return {"answered": round(answered - began, 3), "durable": round(durable, 3),
            "cpu": round(cpu * (1 << 30) / film.bytes, 3), "growth": round(growth / (1 << 20), 1)}


def ratio(samples, key):
    """Weir's by nginx's: the median of the rounds' ratios."""
    return round(statistics.median(weir[key] / nginx[key] for weir, nginx in zip(samples["weir-origin"], samples["nginx"])), 3)


def table(result):
    """The summary as lines of text."""
    machine, ratios = result["machine"], result["ratios"]
    yield (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, nginx {result['versions']['nginx']}; "
           f"{result['mebibytes']} MiB, {result['rounds']} rounds; medians")
    for side, samples in result["samples"].items():
        answered, durable, cpu = (statistics.median(sample[key] for sample in samples) for key in ("answered", "durable", "cpu"))
        yield (f"{side:12} answered {answered:6.2f} s ({result['mebibytes'] / answered:5.0f} MiB/s)   on the disk {durable:6.2f} s "
               f"({result['mebibytes'] / durable:5.0f} MiB/s)   CPU {cpu:5.2f} s/GiB   "
               f"memory +{max(sample['growth'] for sample in samples):.1f} MiB at most")
    yield (f"throughput of weir-origin to nginx's: {1 / ratios['answered']:.2f} to the answers, {1 / ratios['durable']:.2f} to the disk; "
           f"CPU {ratios['cpu']:.2f}")


main()
