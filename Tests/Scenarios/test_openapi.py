"""The document that describes the control API against the API, by a program that knows nothing of it but the document (schemathesis)."""
import json
import pathlib
import subprocess
import sys

import pytest

from test_webhooks import kill_origin

HERE = pathlib.Path(__file__).parent
# A stream without an end; the calls of workers, which have a token of their own; what ends the run's own token; and tus, whose bodies are
# bytes and whose statuses are its own (test_tus.py).
LEFT_OUT = r"/events$|/worker/|/token-keys/|/tus"


@pytest.fixture
def unhurried(own_film):
    """The film's installation, where nobody is turned away for the number of their calls."""
    weir, _ = own_film
    path = weir.directory / "config/origin.json"
    configuration = json.loads(path.read_text())
    configuration["callsPerMinute"] = {"reads": 0, "writes": 0, "pings": 0}
    path.write_text(json.dumps(configuration))
    kill_origin(weir)
    return weir


def test_no_call_answers_what_is_not_described(unhurried, tmp_path):
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [program, "--config-file", HERE / "schemathesis.toml", "run", unhurried.ready["origin"] + "/api/v1/openapi.json",
         "--url", unhurried.ready["origin"], "--header", f"Authorization: Bearer {unhurried.sign_in()}",
         "--exclude-path-regex", LEFT_OUT, "--phases", "examples,coverage,fuzzing", "--max-examples", "3",
         "--generation-database", "none", "--continue-on-failure", "--seed", "7"],
        cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
