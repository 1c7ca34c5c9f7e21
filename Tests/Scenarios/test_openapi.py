"""The document that describes the control API against the API, by a program that knows nothing of it but the document (schemathesis)."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# A stream without an end; the calls of workers, which have a token of their own; what ends the run's own token.
LEFT_OUT = r"/events$|/worker/|/token-keys/"



def test_no_call_answers_what_is_not_described(own_film, tmp_path):
    weir, _ = own_film
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [program, "--config-file", HERE / "schemathesis.toml", "run", weir.ready["origin"] + "/api/v1/openapi.json",
         "--url", weir.ready["origin"], "--header", f"Authorization: Bearer {weir.sign_in()}", "--exclude-path-regex", LEFT_OUT,
         "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--generation-database", "none",
         "--continue-on-failure", "--seed", "7"],
        cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
