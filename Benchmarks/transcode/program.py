"""What a benchmark of the transcoder does around its measuring: what it needs, a folder that goes, the result."""
import json
import pathlib
import signal
import sys
import tempfile

from processes import BenchError, require


def present(measure, table, programs, file):
    """Calls `measure` with a folder of its own, prints the table of its result and writes that to `file`, if there is one."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped on the way out
    try:
        require(*programs)
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
            result = measure(pathlib.Path(folder))
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    print("", *table(result), sep="\n")
    if file:
        pathlib.Path(file).write_text(json.dumps(result, indent=2) + "\n")
