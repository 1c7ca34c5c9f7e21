"""Benchmarks of weir-edge; `Scripts/bench` builds what they need and calls this."""
import argparse
import dataclasses
import json
import pathlib
import signal
import sys
from collections.abc import Callable

import access_log
import collapse
import compare
import idle
import purge
import servers
import signed_access
import slow_readers
import store
from processes import BenchError, require
from setting import stage

SAMPLES, RESULT = "where the samples and the summary go", "where the result goes"


@dataclasses.dataclass
class Command:
    """A measurement, and how it is called."""
    help: str
    options: list
    # With the stage, or None where it needs none, and the options; its result.
    run: Callable
    # Of the result: the lines that sum it up.
    table: Callable
    # Beside the servers that are chosen.
    programs: list
    json: str = RESULT
    is_staged: bool = True


def count(option, default, of=""):
    """An option that is a number; its help ends with the default."""
    return option, {"type": int, "default": default, "help": f"{of}{'; ' if of else ''}default {default:,}"}


def choice(option, known, metavar, remark=""):
    """An option that takes some of the names; without it all are taken."""
    return option, {"type": listed(known), "default": list(known), "metavar": f"{metavar},…",
                    "help": f"of {', '.join(known)}{remark}"}


def listed(known):
    """A comma-separated choice of names; a part between slashes stands for all names that have it."""
    def convert(text):
        parts = text.split(",")
        strangers = [part for part in parts if not any(part in (name, *name.split("/")) for name in known)]
        if strangers:
            raise argparse.ArgumentTypeError(f"{', '.join(strangers)}: not of {', '.join(known)}")
        return [name for name in known if any(part in (name, *name.split("/")) for part in parts)]
    return convert


def say(line):
    print(line, flush=True)


COMMANDS = {
    "edge": Command(
        "CPU per request beside nginx and Varnish",
        [count("--rounds", 5), count("--seconds", 3, "of load for each server, case and round"),
         choice("--cases", compare.CASES, "CASE", "; a part such as 1k or h1 means all that have it"),
         choice("--servers", servers.BY_NAME, "SERVER")],
        lambda setting, given: compare.compare(setting, given.servers, given.cases, given.rounds, given.seconds, say),
        compare.table, ["taskset", "openssl", "wrk", "h2load", "nghttp"], SAMPLES),
    "idle": Command(
        "resident memory of idle connections", [count("--connections", 10_000)],
        lambda setting, given: idle.idle(setting, given.connections), idle.table, ["taskset", "openssl"]),
    "collapse": Command(
        "a crowd that asks for one cold object",
        [count("--clients", 1_000), count("--rounds", 5), choice("--servers", collapse.KINDS, "SERVER")],
        lambda setting, given: collapse.collapse(setting, given.servers, given.clients, given.rounds, say), collapse.table,
        ["taskset", "openssl"], SAMPLES),
    "slow-readers": Command(
        "latency of hits beside slow readers while objects are evicted",
        [count("--readers", 200), count("--rounds", 5),
         count("--seconds", 5, "of load with and without them in each round")],
        lambda setting, given: slow_readers.slow_readers(setting, given.readers, given.rounds, given.seconds, say),
        slow_readers.table, ["taskset", "openssl", "wrk"], SAMPLES),
    "logging": Command(
        "CPU per request with and without an access log",
        [count("--rounds", 7), count("--seconds", 3, "of load for each edge, case and round"),
         choice("--cases", access_log.CASES, "CASE")],
        lambda setting, given: access_log.access_log(setting, given.cases, given.rounds, given.seconds, say),
        access_log.table, ["taskset", "openssl", "wrk"], SAMPLES),
    "store": Command(
        "the segment store at size: opening, look-ups, steady eviction",
        [count("--objects", 1_000_000), count("--mebibytes", 2_048, "of the full cache")],
        lambda _, given: store.store(given.store_probe, given.objects, given.mebibytes, say), store.table, [],
        is_staged=False),
    "signing": Command(
        "checks of signed access, remembered and not, beside OpenSSL's own verification", [count("--rounds", 5)],
        lambda _, given: signed_access.signing(given.signing_probe, given.rounds, say), signed_access.table, ["openssl"],
        is_staged=False),
    "purge": Command(
        "purges of many objects while 64 connections ask, and what prefixes cost hits",
        [choice("--parts", purge.PARTS, "PART"), count("--objects", 100_000),
         count("--waves", 5, "of so many objects stored and purged while connections ask"),
         count("--rounds", 50, "purges in each wave, and invalidations"),
         count("--prefixes", 10_000, "in force"), count("--load-rounds", 5, "of load without and with them"),
         count("--seconds", 3, "of load in each"), count("--edges", 10, "that follow one origin")],
        lambda setting, given: purge.purge(
            setting, given.weir_origin, given.parts, given.objects, given.waves, given.rounds, given.prefixes,
            given.load_rounds, given.seconds, given.edges, say),
        purge.table, ["taskset", "openssl", "wrk"]),
}


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped on the way out
    try:
        result = measure(options.command, options)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench", description=__doc__)
    for program in ("--weir-edge", "--weir-origin", "--floor", "--store-probe", "--signing-probe"):
        parser.add_argument(program, required=True, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.help)
        for option, properties in [*command.options, ("--json", {"metavar": "FILE", "help": command.json})]:
            subparser.add_argument(option, **properties)
        subparser.set_defaults(command=command)
    return parser.parse_args()


def measure(command, options):
    chosen = getattr(options, "servers", [])
    require(*command.programs, *{servers.PROGRAMS[name] for name in chosen if name in servers.PROGRAMS})
    if command.is_staged:
        with stage(options.weir_edge, options.floor) as setting:
            result = command.run(setting, options)
    else:
        result = command.run(None, options)
    print("", *command.table(result), sep="\n")
    return result


main()
