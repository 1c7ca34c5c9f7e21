"""`bench slow-readers`: what clients on slow lines cost the others while objects are evicted."""
import contextlib
import socket
import statistics
import threading
import time

import load
import origin as origins
import servers as kinds
from compare import machine
from processes import BenchError, allow_descriptors, pin_this_process, wait_for
from responses import Reader
from servers import HTTP1
from setting import running

NAME = "playlist.m3u8"
BYTES_PER_SECOND = 1024
# Little more than the kernel's least, so that what is not read stays with the server.
RECEIVE_BYTES = 4096
FILLS_PER_SECOND = 10
READERS_OF_ONE_OBJECT = 10
MIB = 1024 * 1024


def slow_readers(setting, readers, rounds, seconds, say):
    """The latency of hits with and without slow readers, alternating, while new objects take the place of old ones."""
    allow_descriptors(readers + 1_000)
    pin_this_process(setting.load_core)
    samples = {"without": [], "with": []}
    with running([kinds.SmallWeir], setting) as [server], filled_steadily(server) as fill:
        load.verify(server, HTTP1, NAME)
        for number in range(rounds):
            for case in ("without", "with") if number % 2 == 0 else ("with", "without"):
                with reading_slowly(server, fill, readers if case == "with" else 0) as crowd:
                    sample = measure(server, seconds, setting.load_core)
                sample.update(crowd.outcome())
                samples[case].append(sample)
                say(f"round {number + 1}/{rounds}  {case:7} slow readers  p50 {sample['p50']} µs  p99 {sample['p99']} µs  "
                    f"{sample['evicted']} objects evicted  files {sample['fileBytes'] / MIB:.1f} MiB")
        refused = server.metric("weir_store_refused_chunks_total")
    return {
        "machine": machine(), "readers": readers, "bytesPerSecond": BYTES_PER_SECOND, "rounds": rounds, "seconds": seconds,
        "capacityBytes": kinds.SmallWeir.capacity_mebibytes * MIB, "chunksRefused": refused, "samples": samples,
        "summary": summary(samples),
    }


def measure(server, seconds, core):
    evicted = server.metric("weir_store_evicted_total")
    result = load.generate(server, HTTP1, NAME, seconds, core)
    evicted = round(server.metric("weir_store_evicted_total") - evicted)
    if not evicted:
        raise BenchError("nothing was evicted meanwhile")
    return {"rate": round(result["rate"]), "p50": round(result["p50"]), "p99": round(result["p99"]),
            "evicted": evicted, "fileBytes": server.cache_file_bytes()}


def summary(samples):
    found = {case: {key: statistics.median(sample[key] for sample in rounds) for key in ("rate", "p50", "p99", "evicted")}
             | {"fileBytes": max(sample["fileBytes"] for sample in rounds)} for case, rounds in samples.items()}
    found["p99Ratio"] = round(found["with"]["p99"] / found["without"]["p99"], 2)
    return found


@contextlib.contextmanager
def filled_steadily(server):
    """New objects are asked for all the time; begins when the first ones have had to go."""
    fill = Fill(server)
    try:
        wait_for(lambda: fill.error or server.metric("weir_store_evicted_total") > 0, 60, "the cache to be full")
        yield fill
    finally:
        fill.stop()


class Fill:
    def __init__(self, server):
        self.server, self.count, self.error = server, 0, None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def newest(self):
        return origins.cold(self.count)

    def wait_for(self, count):
        """Until so many more objects have come."""
        count += self.count
        wait_for(lambda: self.error or self.count >= count, 60, f"{count} objects to be stored")

    def _run(self):
        try:
            while not self._ended.wait(1 / FILLS_PER_SECOND):
                name = origins.cold(self.count + 1)
                for _ in range(2):  # what is asked for once only takes no other one's place
                    status, _, body = load.get(self.server, HTTP1, name)
                    if status != 200 or body != origins.content(name):
                        raise BenchError(f"{name}: answered {status} with {len(body)} bytes, not the origin's")
                self.count += 1
        except (BenchError, OSError) as error:
            self.error = error

    def stop(self):
        self._ended.set()
        self._thread.join()
        if self.error:
            raise BenchError(f"the steady fill ended: {self.error}")


@contextlib.contextmanager
def reading_slowly(server, fill, count):
    """`count` clients read at their pace inside; afterwards they take what is still to be had, as fast as it comes."""
    crowd = SlowCrowd(server, fill, count)
    try:
        yield crowd
    finally:
        crowd.stop()


class SlowCrowd:
    def __init__(self, server, fill, count):
        self.readers, self.ended_early = [], 0
        for number in range(count):
            if number % READERS_OF_ONE_OBJECT == 0:
                name = fill.newest
            self.readers.append(Reader(server, name, RECEIVE_BYTES))
        if count:
            time.sleep(1)  # the kernel has as much for each as it takes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        """One reader after the other, each once a second."""
        open_readers = list(self.readers)
        while open_readers and not self._stopped.is_set():
            for reader in list(open_readers):
                if self._stopped.wait(1 / len(self.readers)):
                    break
                if not reader.take(BYTES_PER_SECOND):
                    open_readers.remove(reader)
        for reader in open_readers:
            reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MIB)
            while reader.take(MIB):
                pass

    def stop(self):
        self._stopped.set()
        self._thread.join()
        for reader in self.readers:
            reader.close()

    def outcome(self):
        """How many got all of it and how many were cut off. A wrong byte is an error."""
        wrong = next((reader.wrong for reader in self.readers if reader.wrong), None)
        if wrong:
            raise BenchError(f"a slow reader got something wrong: {wrong}")
        whole = sum(reader.is_whole for reader in self.readers)
        return {"whole": whole, "cutShort": len(self.readers) - whole}


def table(result):
    """The summary as lines of text."""
    yield (f"{result['readers']} readers of {result['bytesPerSecond']} bytes/s on objects of {origins.COLD_BYTES} bytes, "
           f"{FILLS_PER_SECOND} new objects a second into {result['capacityBytes'] // MIB} MiB; hits of {NAME}; medians of "
           f"{result['rounds']} rounds of {result['seconds']} s")
    yield f"{'slow readers':12} {'p50 µs':>8} {'p99 µs':>8} {'req/s':>9} {'evicted':>8} {'files MiB':>10}"
    for case in ("without", "with"):
        row = result["summary"][case]
        yield (f"{case:12} {row['p50']:8.0f} {row['p99']:8.0f} {row['rate']:9.0f} {row['evicted']:8.0f} "
               f"{row['fileBytes'] / MIB:10.1f}")
    slow = result["samples"]["with"]
    yield (f"p99 ratio {result['summary']['p99Ratio']:.2f}; of the slow readers {sum(s['whole'] for s in slow)} got their object "
           f"to its end, {sum(s['cutShort'] for s in slow)} were cut off when it was evicted, none got a wrong byte; "
           f"{result['chunksRefused']:.0f} chunks were refused")
