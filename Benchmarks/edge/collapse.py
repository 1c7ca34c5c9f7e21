"""`bench collapse`: a crowd that asks for one cold object at the same moment."""
import select
import statistics
import time

import origin as origins
import servers as kinds
from compare import machine, rotated
from load import percentile
from processes import BenchError, allow_descriptors, pin_this_process, wait_for
from responses import Reader
from setting import running

KINDS = {"nginx": kinds.CollapsingNginx, "varnish": kinds.Varnish, "weir-edge": kinds.Weir}
PIECE_BYTES = 131_072
FIGURES = ("originRequests", "p50", "p99", "last", "all")


def collapse(setting, names, clients, rounds, say):
    """Milliseconds from the origin's first byte to the clients' first, and to the last byte of all."""
    allow_descriptors(2 * clients + 1_000)
    pin_this_process(setting.load_core)
    with running([KINDS[name] for name in names], setting) as servers:
        samples = {server.name: [] for server in servers}
        for number in range(rounds):
            for server in rotated(servers, number):
                sample = crowd(server, setting.origin, origins.cold(f"{server.name}-{number}"), clients)
                samples[server.name].append(sample)
                say(f"round {number + 1}/{rounds}  {server.name:12} {sample['originRequests']} requests to the origin  "
                    f"first byte p50 {sample['p50']} ms  p99 {sample['p99']} ms  last {sample['last']} ms  "
                    f"all bytes {sample['all']} ms")
    return {
        "machine": machine(), "versions": kinds.versions(names), "clients": clients, "objectBytes": origins.COLD_BYTES,
        "rounds": rounds, "samples": samples,
        "summary": {name: {key: statistics.median(sample[key] for sample in rounds) for key in FIGURES}
                    for name, rounds in samples.items()},
    }


def crowd(server, origin, name, clients):
    """The origin answers when all have asked."""
    origin.hold()
    readers = {}
    try:
        for _ in range(clients):
            reader = Reader(server, name)
            readers[reader.socket.fileno()] = reader
        wait_for(lambda: origin.requests_of(name) > 0, 30, f"{server.name} to ask the origin")
        time.sleep(1)  # the server reads the requests that the kernel has for it
        first, ended = race(server, readers, origin.release)
    finally:
        origin.release()
        for reader in readers.values():
            reader.close()
    delays = sorted((at - origin.began(name)) * 1_000 for at in first.values())
    return {"originRequests": origin.requests_of(name), "p50": round(percentile(delays, 0.5), 1),
            "p99": round(percentile(delays, 0.99), 1), "last": round(delays[-1], 1),
            "all": round((ended - origin.began(name)) * 1_000)}


def race(server, readers, start):
    """Lets the origin answer and reads all responses to their ends; returns when each one's first byte was there, and when
    the last byte was."""
    poll = select.epoll()
    for number in readers:
        poll.register(number, select.EPOLLIN)
    first, waiting, deadline = {}, set(readers), time.monotonic() + 120
    start()
    while waiting:
        ready, now = poll.poll(1), time.monotonic()
        if now > deadline:
            raise BenchError(f"{server.name}: {len(waiting)} clients still wait after two minutes")
        for number, _ in ready:
            first.setdefault(number, now)
        for number, _ in ready:
            if not readers[number].take(PIECE_BYTES):
                poll.unregister(number)
                waiting.remove(number)
    incomplete = [reader for reader in readers.values() if not reader.is_whole]
    if incomplete:
        raise BenchError(f"{server.name}: {len(incomplete)} clients did not get the object; one has {incomplete[0].count} "
                         f"bytes, {incomplete[0].head} {incomplete[0].wrong or 'then the connection ended'}\n{server.program.transcript()}")
    return first, time.monotonic()


def table(result):
    """The summary as lines of text."""
    yield (f"{result['clients']} clients ask for one cold object of {result['objectBytes']} bytes; milliseconds after the "
           f"origin's first byte; median of {result['rounds']} rounds; every byte compared")
    yield f"{'server':12} {'origin requests':>15} {'first p50':>10} {'first p99':>10} {'first last':>10} {'all bytes':>10}"
    for name, row in result["summary"].items():
        yield (f"{name:12} {row['originRequests']:15.0f} {row['p50']:10.1f} {row['p99']:10.1f} {row['last']:10.1f} "
               f"{row['all']:10.0f}")
