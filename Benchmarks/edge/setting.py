"""The stage of a run: a temporary folder, keys, the origin, and which core does what."""
import contextlib
import dataclasses
import os
import pathlib
import tempfile

import signing
from origin import Origin


@dataclasses.dataclass
class Setting:
    directory: pathlib.Path
    origin: Origin
    certificate: pathlib.Path
    certificate_key: pathlib.Path
    signing_key: pathlib.Path
    signing_public_key: pathlib.Path
    weir_edge: pathlib.Path
    floor: pathlib.Path | None
    server_core: int
    load_core: int
    # For weir-edge, beside this process' own.
    environment: dict = dataclasses.field(default_factory=dict)


@contextlib.contextmanager
def stage(weir_edge, floor=None):
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as name, running_origin() as origin:
        directory = pathlib.Path(name)
        yield Setting(directory, origin, *signing.make_certificate(directory),
                      *signing.make_signing_key(directory), pathlib.Path(weir_edge), floor, cores[0], cores[-1])


@contextlib.contextmanager
def running_origin():
    origin = Origin()
    try:
        yield origin
    finally:
        origin.stop()


@contextlib.contextmanager
def running(classes, setting):
    """Starts one server of each class; all are stopped at the end, however it comes."""
    with contextlib.ExitStack() as stack:
        servers = []
        for server in classes:
            servers.append(server(setting))
            stack.callback(servers[-1].stop)
        yield servers
