"""Benchmarks of weir-edge; `Scripts/bench` builds what they need and calls this."""
import argparse
import json
import pathlib
import signal
import sys

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


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped on the way out
    try:
        result = options.run(options)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/bench", description=__doc__)
    parser.add_argument("--weir-edge", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--weir-origin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--floor", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--store-probe", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--signing-probe", required=True, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    edge = commands.add_parser("edge", help="CPU per request beside nginx and Varnish")
    edge.add_argument("--rounds", type=int, default=5, help="default 5")
    edge.add_argument("--seconds", type=int, default=3, help="of load for each server, case and round; default 3")
    edge.add_argument("--cases", type=listed(compare.CASES), default=compare.CASES, metavar="CASE,…",
                      help=f"of {', '.join(compare.CASES)}; a part such as 1k or h1 means all that have it")
    edge.add_argument("--servers", type=listed(servers.BY_NAME), default=list(servers.BY_NAME), metavar="SERVER,…",
                      help=f"of {', '.join(servers.BY_NAME)}")
    edge.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    edge.set_defaults(run=run_edge)
    kept = commands.add_parser("idle", help="resident memory of idle connections")
    kept.add_argument("--connections", type=int, default=10_000, help="default 10,000")
    kept.add_argument("--json", metavar="FILE", help="where the result goes")
    kept.set_defaults(run=run_idle)
    crowd = commands.add_parser("collapse", help="a crowd that asks for one cold object")
    crowd.add_argument("--clients", type=int, default=1_000, help="default 1,000")
    crowd.add_argument("--rounds", type=int, default=5, help="default 5")
    crowd.add_argument("--servers", type=listed(collapse.KINDS), default=list(collapse.KINDS), metavar="SERVER,…",
                       help=f"of {', '.join(collapse.KINDS)}")
    crowd.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    crowd.set_defaults(run=run_collapse)
    slow = commands.add_parser("slow-readers", help="latency of hits beside slow readers while objects are evicted")
    slow.add_argument("--readers", type=int, default=200, help="default 200")
    slow.add_argument("--rounds", type=int, default=5, help="default 5")
    slow.add_argument("--seconds", type=int, default=5, help="of load with and without them in each round; default 5")
    slow.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    slow.set_defaults(run=run_slow_readers)
    logged = commands.add_parser("logging", help="CPU per request with and without an access log")
    logged.add_argument("--rounds", type=int, default=7, help="default 7")
    logged.add_argument("--seconds", type=int, default=3, help="of load for each edge, case and round; default 3")
    logged.add_argument("--cases", type=listed(access_log.CASES), default=list(access_log.CASES), metavar="CASE,…",
                        help=f"of {', '.join(access_log.CASES)}")
    logged.add_argument("--json", metavar="FILE", help="where the samples and the summary go")
    logged.set_defaults(run=run_logging)
    sized = commands.add_parser("store", help="the segment store at size: opening, look-ups, steady eviction")
    sized.add_argument("--objects", type=int, default=1_000_000, help="default 1,000,000")
    sized.add_argument("--mebibytes", type=int, default=2_048, help="of the full cache; default 2,048")
    sized.add_argument("--json", metavar="FILE", help="where the result goes")
    sized.set_defaults(run=run_store)
    checked = commands.add_parser("signing", help="checks of signed access, remembered and not, beside OpenSSL's own verification")
    checked.add_argument("--rounds", type=int, default=5, help="default 5")
    checked.add_argument("--json", metavar="FILE", help="where the result goes")
    checked.set_defaults(run=run_signing)
    purged = commands.add_parser("purge", help="purges of many objects while 64 connections ask, and what prefixes cost hits")
    purged.add_argument("--objects", type=int, default=100_000, help="default 100,000")
    purged.add_argument("--rounds", type=int, default=50, help="purges while connections ask, and invalidations; default 50")
    purged.add_argument("--prefixes", type=int, default=10_000, help="in force; default 10,000")
    purged.add_argument("--load-rounds", type=int, default=5, help="of load without and with them; default 5")
    purged.add_argument("--seconds", type=int, default=3, help="of load in each; default 3")
    purged.add_argument("--edges", type=int, default=10, help="that follow one origin; default 10")
    purged.add_argument("--json", metavar="FILE", help="where the result goes")
    purged.set_defaults(run=run_purge)
    return parser.parse_args()


def listed(known):
    """A comma-separated choice of names; a part between slashes stands for all names that have it."""
    def convert(text):
        parts = text.split(",")
        strangers = [part for part in parts if not any(part in (name, *name.split("/")) for name in known)]
        if strangers:
            raise argparse.ArgumentTypeError(f"{', '.join(strangers)}: not of {', '.join(known)}")
        return [name for name in known if any(part in (name, *name.split("/")) for part in parts)]
    return convert


def run_edge(options):
    require("taskset", "openssl", "wrk", "h2load", "nghttp",
            *{servers.PROGRAMS[name] for name in options.servers if name in servers.PROGRAMS})
    with stage(options.weir_edge, options.floor) as setting:
        result = compare.compare(setting, options.servers, options.cases, options.rounds, options.seconds,
                                 lambda line: print(line, flush=True))
    print("", *compare.table(result), sep="\n")
    return result


def run_idle(options):
    require("taskset", "openssl")
    with stage(options.weir_edge) as setting:
        result = idle.idle(setting, options.connections)
    print(*idle.table(result), sep="\n")
    return result


def run_collapse(options):
    require("taskset", "openssl", *{servers.PROGRAMS[name] for name in options.servers if name in servers.PROGRAMS})
    with stage(options.weir_edge) as setting:
        result = collapse.collapse(setting, options.servers, options.clients, options.rounds,
                                   lambda line: print(line, flush=True))
    print("", *collapse.table(result), sep="\n")
    return result


def run_slow_readers(options):
    require("taskset", "openssl", "wrk")
    with stage(options.weir_edge) as setting:
        result = slow_readers.slow_readers(setting, options.readers, options.rounds, options.seconds,
                                           lambda line: print(line, flush=True))
    print("", *slow_readers.table(result), sep="\n")
    return result


def run_logging(options):
    require("taskset", "openssl", "wrk")
    with stage(options.weir_edge) as setting:
        result = access_log.access_log(setting, options.cases, options.rounds, options.seconds,
                                       lambda line: print(line, flush=True))
    print("", *access_log.table(result), sep="\n")
    return result


def run_purge(options):
    require("taskset", "openssl", "wrk")
    with stage(options.weir_edge) as setting:
        result = purge.purge(setting, options.weir_origin, options.objects, options.rounds, options.prefixes,
                             options.load_rounds, options.seconds, options.edges, lambda line: print(line, flush=True))
    print("", *purge.table(result), sep="\n")
    return result


def run_store(options):
    result = store.store(options.store_probe, options.objects, options.mebibytes, lambda line: print(line, flush=True))
    print("", *store.table(result), sep="\n")
    return result


def run_signing(options):
    require("openssl")
    result = signed_access.signing(options.signing_probe, options.rounds, lambda line: print(line, flush=True))
    print("", *signed_access.table(result), sep="\n")
    return result


main()
