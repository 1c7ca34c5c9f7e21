#!/usr/bin/env python3
"""Holds EdgeConfig/deploy to the programs and to its own tools: promtool, systemd-analyze, haproxy.

usage: Scripts/check-deploy.py FOLDER     where weir-edge, weir-origin and weir-transcoder are built
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

DEPLOY = pathlib.Path(__file__).resolve().parents[1] / "EdgeConfig/deploy"
RULES = DEPLOY / "prometheus/weir.rules.yml"
DASHBOARD = DEPLOY / "grafana/weir-edges.json"
UNITS = DEPLOY / "systemd"
PROGRAMS = ["weir-edge", "weir-origin", "weir-transcoder"]
# What systemd-analyze calls the exposure of a service: 0 is none, 10 is all.
MOST_EXPOSURE = 2.0
# Grafana 9's model of a dashboard, the oldest in which the panels are as they stand here.
OLDEST_SCHEMA = 36
SERIES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}


def run(*command):
    """What a tool complains of, empty when it does not."""
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"


# Metrics

def declared_series(folder):
    """Each time series that the programs can show, with its labels."""
    series = {}
    for program in PROGRAMS:
        page = subprocess.run([folder / program, "--reference"], check=True, capture_output=True, text=True).stdout
        for name, kind, labels in re.findall(r"^\| `(weir_\w+)` \| (\w+) \| [^|]* \| ([^|]*) \|", page, re.M):
            for suffix in SERIES[kind]:
                series[name + suffix] = set(re.findall(r"`(\w+)`", labels)) | ({"le"} if suffix == "_bucket" else set())
    return series


def expressions():
    """Where and what is asked of Prometheus."""
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield f"panel {panel['title']!r}", target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable {variable['name']!r}", variable["query"]["query"]
    for block in re.split(r"^      - (?=alert:|record:)", RULES.read_text(), flags=re.M)[1:]:
        yield block.split("\n", 1)[0], re.search(r"expr:(.*?)(?=^ {0,8}\S|\Z)", block, re.S | re.M)[1]


def metrics_exist(folder):
    series = declared_series(folder)
    recorded = set(re.findall(r"record: ([\w:]+)", RULES.read_text()))
    count = 0
    for place, expression in expressions():
        unquoted = re.sub(r'"[^"]*"', '""', expression)
        for name, matchers in re.findall(r"(?<![\w:$])(weir[\w:]*)(?:\{([^}]*)\})?", unquoted):
            count += 1
            if ":" in name:
                if name not in recorded:
                    yield f"{place}: {name} is not recorded"
            elif name not in series:
                yield f"{place}: no process has the metric {name}"
            else:
                used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) - {"job", "instance"}
                for label in sorted(used - series[name]):
                    yield f"{place}: {name} has no label {label}"
    if count < 50:
        yield f"only {count} metrics were found in dashboard and rules: this check no longer reads them"


def dashboard_is_sound(_):
    dashboard = json.loads(DASHBOARD.read_text())
    if dashboard["schemaVersion"] < OLDEST_SCHEMA:
        yield f"{DASHBOARD.name}: schemaVersion {dashboard['schemaVersion']} is older than {OLDEST_SCHEMA}"
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    if len(set(identifiers)) < len(identifiers):
        yield f"{DASHBOARD.name}: two panels have the same id"


def rules_work(_):
    yield run("promtool", "check", "rules", RULES)
    yield run("promtool", "test", "rules", RULES.with_name("weir.rules.test.yml"))
    tested = set(re.findall(r"alertname: (\w+)", RULES.with_name("weir.rules.test.yml").read_text()))
    for alert in re.findall(r"alert: (\w+)", RULES.read_text()):
        if alert not in tested:
            yield f"{RULES.name}: no test for {alert}"


# Processes

def units_are_sound(folder):
    """The units as they stand, with the programs as they are built in the place of the installed ones."""
    with tempfile.TemporaryDirectory() as directory:
        units = []
        for unit in sorted(UNITS.iterdir()):
            copy = pathlib.Path(directory) / unit.name
            copy.write_text(unit.read_text().replace("/usr/local/bin/", f"{folder}/"))
            units.append(copy)
        yield run("systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *units)
        for unit in units:
            if unit.suffix == ".service":
                yield run("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", unit)


def proxy_is_sound(_):
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        (place / "certificates").mkdir()
        key, certificate = place / "key.pem", place / "weir-edges.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=edge", "-days", "1",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        (place / "certificates/edge.pem").write_text(certificate.read_text() + key.read_text())
        text = (DEPLOY / "haproxy/haproxy.cfg").read_text()
        (place / "haproxy.cfg").write_text(text.replace("/etc/haproxy", directory))
        done = subprocess.run(["haproxy", "-c", "-f", place / "haproxy.cfg"], capture_output=True, text=True)
        if done.returncode or "WARNING" in done.stderr:
            yield f"haproxy -c: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]).resolve()
    checks = [dashboard_is_sound, metrics_exist, rules_work, units_are_sound, proxy_is_sound]
    problems = [problem for check in checks for problem in check(folder) if problem]
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
