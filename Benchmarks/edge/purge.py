"""`bench purge`: how long a purge of many objects takes, whether anybody sees an old byte afterwards, what ten thousand
prefixes in force cost a hit, and how soon ten edges have carried out an invalidation."""
import contextlib
import statistics
import time

import load
import servers
from compare import machine
from control import ControlOrigin, Follower
from hammer import CONNECTIONS, Hammer
from processes import BenchError, Program, pin_this_process, wait_for
from servers import ADMIN_TOKEN, HTTP1
from versions import versions

CROWD = "/media/crowd"
NAME = "playlist.m3u8"
# In one order; the edge takes 3,000 items.
BATCH = 2_500


class Banned(servers.Weir):
    """One more of them, in a folder of its own."""
    name = "weir-edge-with-prefixes"


class Crowded(servers.Weir):
    """The edge in front of the origin of versions: two loops on all cores, nothing signed."""

    def __init__(self, setting, origin, name):
        self.origin, self.name = origin, name
        super().__init__(setting)

    def launch(self, setting, *arguments, **environment):
        cores = f"{setting.server_core},{setting.load_core}"
        return Program(self.name, arguments, cores, self.directory / "output.log", environment)

    def configuration(self, setting):
        document = super().configuration(setting)
        document["origins"]["media"]["url"] = self.origin.url
        return document | {"loops": 2, "keyGroups": {}}

    def distribution(self):
        return {"Id": "EBENCHMARK0002", "Origins": [{"Id": "media"}],
                "CachePolicies": [{"Id": "kept", "DefaultTTL": 86_400}],
                "DefaultCacheBehavior": {"TargetOriginId": "media", "CachePolicyId": "kept"}}


def purge(setting, weir_origin, objects, rounds, prefixes, load_rounds, seconds, edges, say):
    return {"machine": machine(), "objects": objects, "connections": CONNECTIONS, "rounds": rounds,
            "edges": followed(setting, weir_origin, edges, rounds, say),
            "answer": {name: answered(setting, objects, rounds, name, order, say)
                       for name, order in [("tag", {"tags": ["crowd"]}), ("prefix", {"prefixes": [f"{CROWD}/"]})]},
            "bans": bans(setting, prefixes, load_rounds, seconds, say)}


def answered(setting, objects, rounds, name, order, say):
    """Stores the objects, purges all of them with nobody there, then again and again while 64 connections ask."""
    paths = [f"{CROWD}/{number}" for number in range(objects)]
    with versions(setting.directory) as origin:
        edge = Crowded(setting, origin, f"purged-by-{name}")
        try:
            hammer = Hammer(edge.port, edge.admin_port, ADMIN_TOKEN)
            calm = []
            for _ in range(3):
                hammer.fetch(paths)
                calm.append(hammer.purge(order))
            hammer.fetch(paths)
            stored = edge.metric("weir_store_objects")
            calls, inside = hammer.run(origin, order, rounds, paths[:1_000])
            hammer.close()
        finally:
            edge.stop()
    say(f"{name}: {objects} objects purged in {milliseconds(calm)} ms with nobody there; {len(calls)} purges while "
        f"{CONNECTIONS} connections ask: {milliseconds(calls)} ms ({min(inside)} to {max(inside)} µs in the edge), "
        f"{hammer.answered} answers, none old")
    return {"calmMilliseconds": [1e3 * value for value in calm], "stored": stored,
            "busyMilliseconds": [1e3 * value for value in calls], "insideMicroseconds": inside,
            "answers": hammer.answered}


def milliseconds(values):
    return f"{1e3 * min(values):.2f} to {1e3 * max(values):.2f}"


def bans(setting, prefixes, rounds, seconds, say):
    """CPU of a hit without and with so many prefixes in force, alternating; two edges, one of which has them."""
    pin_this_process(setting.load_core)
    with contextlib.ExitStack() as stack:
        edges = {}
        for case, kind in (("none", servers.Weir), ("many", Banned)):
            edges[case] = kind(setting)
            stack.callback(edges[case].stop)
            load.verify(edges[case], HTTP1, NAME)
        stack.enter_context(banned(edges["many"], setting.origin, prefixes))
        samples = {"none": [], "many": []}
        for number in range(rounds):
            for case in ("none", "many") if number % 2 == 0 else ("many", "none"):
                edge = edges[case]
                before = edge.program.cpu_seconds()
                made = load.generate(edge, HTTP1, NAME, seconds, setting.load_core)
                samples[case].append(1e6 * (edge.program.cpu_seconds() - before) / made["requests"])
                say(f"round {number + 1}/{rounds}  {case:4} prefixes  {samples[case][-1]:.2f} µs CPU per hit")
    ratios = [many / none for many, none in zip(samples["many"], samples["none"])]
    return {"prefixes": prefixes, "seconds": seconds, "microseconds": samples, "ratio": statistics.median(ratios)}


@contextlib.contextmanager
def banned(edge, origin, prefixes):
    """So many prefixes, none of which covers what is asked for, are in force: a request that the origin does not answer is
    older than all of them, so none can be forgotten."""
    origin.hold()
    held = Hammer(edge.port, edge.admin_port, ADMIN_TOKEN, connections=1)
    connection, = held.connections.values()
    connection.socket.sendall(edge.request("cold-held.m4s"))
    deadline = time.monotonic() + 10
    while not origin.requests_of("cold-held.m4s"):
        if time.monotonic() > deadline:
            raise BenchError("the request that should wait did not reach the origin")
        time.sleep(0.01)
    try:
        for start in range(0, prefixes, BATCH):
            held.purge({"prefixes": [prefix(number) for number in range(start, min(start + BATCH, prefixes))]})
        yield
    finally:
        origin.release()
        held.close()


def prefix(number):
    """Such as beside each other in a library: about as many before as behind what is asked for, and as long."""
    return f"/media/{'a' if number % 2 else 'c'}{number * 7919 % 100_003:05}/v{number % 7}/"


def followed(setting, weir_origin, count, rounds, say):
    """Milliseconds from sending `CreateInvalidation` until all edges have carried it out, as `GetInvalidation` says."""
    with contextlib.ExitStack() as stack:
        origin = ControlOrigin(setting, weir_origin)
        stack.callback(origin.stop)
        followers = []
        for number in range(count):
            followers.append(Follower(setting, origin, f"edge-{number + 1}"))
            stack.callback(followers[-1].stop)
        for edge in followers:
            wait_for(lambda: edge.metric("weir_edge_control_log_contact_seconds") > 0, 20, f"{edge.name} to follow")
        taken = []
        for number in range(rounds):
            time.sleep(0.05)  # all of them wait again
            begin = time.monotonic()
            identifier = origin.invalidate("/x/*", f"round-{number}")
            while not origin.is_completed(identifier):
                if time.monotonic() - begin > 10:
                    raise BenchError(f"{identifier} is not completed after 10 s")
                time.sleep(0.004)
            taken.append(1e3 * (time.monotonic() - begin))
        purged = min(edge.metric("weir_edge_purges_total") for edge in followers)
    if purged < rounds:
        raise BenchError(f"an edge has carried out {purged} of {rounds} orders")
    say(f"{count} edges: {min(taken):.0f} to {max(taken):.0f} ms, median {statistics.median(taken):.0f} ms, {rounds} rounds")
    return {"count": count, "milliseconds": taken}


def table(result):
    """The summary as lines of text."""
    for name, row in result["answer"].items():
        busy = sorted(row["busyMilliseconds"])
        yield (f"{result['objects']} objects by one {name}: answered in {max(row['calmMilliseconds']):.2f} ms at most with nobody "
               f"there; while {result['connections']} connections ask, {len(busy)} purges: median "
               f"{statistics.median(busy):.2f} ms, at most {busy[-1]:.2f} ms, in the edge "
               f"{max(row['insideMicroseconds']) / 1e3:.2f} ms at most; {row['answers']} answers, none of them old")
    taken = sorted(result["edges"]["milliseconds"])
    yield (f"{result['edges']['count']} edges have carried out an invalidation after {statistics.median(taken):.0f} ms (median of "
           f"{len(taken)}), p90 {load.percentile(taken, 0.9):.0f} ms, at most {taken[-1]:.0f} ms")
    found = result["bans"]
    yield (f"{found['prefixes']} prefixes in force: {statistics.median(found['microseconds']['none']):.2f} µs CPU per hit without, "
           f"{statistics.median(found['microseconds']['many']):.2f} µs with; ratio {found['ratio']:.3f}")
