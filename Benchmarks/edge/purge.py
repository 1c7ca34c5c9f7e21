"""`bench purge`: how long a purge of many objects takes, whether anybody sees an old byte afterwards, what ten thousand
prefixes in force cost a hit, and how soon ten edges have carried out an invalidation."""
import contextlib
import dataclasses
import json
import select
import socket
import statistics
import time

import load
import origin as origins
import servers
from compare import machine
from control import ControlOrigin, Follower
from hammer import CONNECTIONS, Hammer
from processes import BenchError, pin_this_process, wait_for
from purger import Purger
from servers import ADMIN_TOKEN, HTTP1
from versions import versions

CROWD = "/media/crowd"
NAME = "playlist.m3u8"
# In one order; the edge takes 3,000 items.
BATCH = 2_500


class Banned(servers.Weir):
    """One more of them, in a folder of its own, that waits for a slow origin as long as an edge may."""
    name = "weir-edge-with-prefixes"

    def configuration(self, setting):
        return {**super().configuration(setting), "fills": {"leastBytesPerSecond": 0}}

    def distribution(self):
        document = super().distribution()
        return {**document, "Origins": [{**origin, "OriginReadTimeout": 120} for origin in document["Origins"]]}


class Crowded(servers.UnpinnedWeir):
    """The edge in front of the origin of versions: two loops on all cores, nothing signed."""

    def configuration(self, setting):
        document = super().configuration(setting)
        document["origins"]["media"]["url"] = self.other.url
        return document | {"loops": 2, "keyGroups": {}}

    def distribution(self):
        return {"Id": "EBENCHMARK0002", "Origins": [{"Id": "media"}],
                "CachePolicies": [{"Id": "kept", "DefaultTTL": 86_400}],
                "DefaultCacheBehavior": {"TargetOriginId": "media", "CachePolicyId": "kept"}}


ORDERS = {"tag": {"tags": ["crowd"]}, "prefix": {"prefixes": [f"{CROWD}/"]}}
PARTS = [*ORDERS, "bans", "edges"]


def purge(setting, weir_origin, parts, objects, waves, rounds, prefixes, load_rounds, seconds, edges, say):
    result = {"machine": machine(), "objects": objects, "connections": CONNECTIONS, "waves": waves, "rounds": rounds}
    if "edges" in parts:
        result["edges"] = followed(setting, weir_origin, edges, rounds, say)
    result["answer"] = {name: answered(setting, objects, waves, rounds, name, order, say)
                        for name, order in ORDERS.items() if name in parts}
    if "bans" in parts:
        result["bans"] = bans(setting, prefixes, load_rounds, seconds, say)
    return result


def answered(setting, objects, waves, rounds, name, order, say):
    """Stores the objects and purges all of them with nobody there; then, in each wave, stores them again and purges all of them
    while 64 connections ask, and further times while what the first one covers is still being reclaimed."""
    paths = [f"{CROWD}/{number}" for number in range(objects)]
    with versions(setting.directory) as origin:
        edge = Crowded(setting, origin, f"purged-by-{name}")
        try:
            hammer = Hammer(edge.port, edge.admin_port, ADMIN_TOKEN)
            hammer.fetch(paths)
            calls = {"calm": [hammer.purge(order)], "first": [], "further": []}
            for wave in range(waves):
                hammer.fetch(paths)
                stored = edge.metric("weir_store_objects")
                first, *further = hammer.run(origin, order, rounds, paths[:1_000])
                calls["first"].append(first)
                calls["further"] += further
                say(f"{name}, wave {wave + 1}: {stored:.0f} objects; first {1e3 * first.client_seconds:.2f} ms, "
                    f"further {', '.join(f'{1e3 * call.client_seconds:.2f}' for call in further)} ms")
            hammer.close()
        finally:
            edge.stop()
    return {"answers": hammer.answered,
            "calls": {case: [dataclasses.asdict(call) for call in made] for case, made in calls.items()}}


def bans(setting, prefixes, rounds, seconds, say):
    """CPU of a hit without and with so many prefixes in force, alternating; two edges, one of which has them."""
    pin_this_process(setting.load_core)
    with contextlib.ExitStack() as stack:
        edges = {}
        for case, kind in (("none", servers.Weir), ("many", Banned)):
            edges[case] = kind(setting)
            stack.callback(edges[case].stop)
            load.verify(edges[case], HTTP1, NAME)
        stack.enter_context(banned(edges["many"], prefixes))
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
def banned(edge, prefixes):
    """So many prefixes, none of which covers what is asked for, are in force, and the store has been looked through for each: an
    object that is being stored is older than all of them, so none can be forgotten."""
    edge.origin.hold_bodies()
    with contextlib.closing(socket.create_connection(("127.0.0.1", edge.port), timeout=10)) as held:
        held.sendall(edge.request("cold-held.m4s"))
        received = 0
        while received < origins.BEGINNING:
            received += len(held.recv(65536))
        purger = Purger(edge.admin_port, ADMIN_TOKEN)
        try:
            for start in range(0, prefixes, BATCH):
                purger.send({"prefixes": [prefix(number) for number in range(start, min(start + BATCH, prefixes))]})
                purger.receive()
            last = f"/purges/{-(-prefixes // BATCH)}"
            wait_for(lambda: json.loads(edge.admin(last))["complete"], 20, "the store to be looked through")
            yield
            if select.select([held], [], [], 0)[0]:
                raise BenchError("the prefixes were not in force to the end: the object that should wait went on")
        finally:
            purger.close()
            edge.origin.release()


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


CASES = {"calm": "with nobody there", "first": "while connections ask", "further": "right after that"}


def table(result):
    """The summary as lines of text; each figure is median and most, in ms."""
    for name, row in result["answer"].items():
        yield (f"{result['objects']} objects by one {name}; {row['answers']} answers to {result['connections']} connections, none "
               f"old")
        for case, calls in row["calls"].items():
            def figure(key):
                values = [1e3 * call[key] for call in calls]
                return f"{statistics.median(values):5.2f} {max(values):6.2f}"
            yield (f"  {CASES[case]:22} {len(calls):4} purges   client {figure('client_seconds')}   socket "
                   f"{figure('socket_seconds')}   store {figure('store_seconds')}")
    if found := result.get("edges"):
        taken = sorted(found["milliseconds"])
        yield (f"{found['count']} edges have carried out an invalidation after {statistics.median(taken):.0f} ms (median of "
               f"{len(taken)}), p90 {load.percentile(taken, 0.9):.0f} ms, at most {taken[-1]:.0f} ms")
    if found := result.get("bans"):
        without, many = (statistics.median(found["microseconds"][case]) for case in ("none", "many"))
        yield (f"{found['prefixes']} prefixes in force: {without:.2f} µs CPU per hit without, {many:.2f} µs with; ratio "
               f"{found['ratio']:.3f}")
