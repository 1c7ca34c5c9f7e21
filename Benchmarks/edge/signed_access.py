"""`bench signing`: what a check of signed access costs, beside OpenSSL verifying the same kind of signature and nothing else."""
import re
import subprocess

from compare import machine
from processes import BenchError

KEYS = {"rsa2048": "rsa2048", "rsa2048-sha256": "rsa2048", "rsa3072": "rsa3072", "rsa4096": "rsa4096", "ecdsap256": "ecdsap256"}
MEMOS = ("cookies, connection's memo", "cookies, loop's memo", "query, connection's memo", "query, loop's memo")


def signing(probe, rounds, say):
    """The least of several rounds, in nanoseconds; the two take turns, so that a slow minute meets both."""
    checks, verifications = {}, {}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        least(checks, probed(probe))
        least(verifications, bare_verifications())
    return {"machine": machine(), "rounds": rounds, "checks": checks, "openssl": verifications}


def least(kept, measured):
    for name, nanoseconds in measured.items():
        kept[name] = min(nanoseconds, kept.get(name, nanoseconds))


def probed(probe):
    text = output([probe, "1"])
    return {f"{key}: {way}": int(figure) for key, way, figure in re.findall(r"^(\S+) (.+): (\d+) ns$", text, re.MULTILINE)}


def bare_verifications():
    text = output(["openssl", "speed", "-seconds", "1", *sorted(set(KEYS.values()))])
    rates = {f"rsa{bits}": rate for bits, rate in re.findall(r"^rsa +(\d+) bits.* ([\d.]+)$", text, re.MULTILINE)}
    rates |= {f"ecdsap{bits}": rate for bits, rate in re.findall(r"^ *(\d+) bits ecdsa.* ([\d.]+)$", text, re.MULTILINE)}
    return {name: round(1e9 / float(rate)) for name, rate in rates.items()}


def output(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"{command[0]} failed: {done.stderr}")
    return done.stdout


def table(result):
    """The summary as lines of text."""
    checks, bare = result["checks"], result["openssl"]
    yield f"{'key':16} {'verified µs':>12} {'OpenSSL µs':>11} {'ratio':>6}   ns remembered by connection, loop: cookies; query"
    for key, peer in KEYS.items():
        verified, alone = checks[f"{key}: verified"], bare[peer]
        memos = " ".join(f"{checks[f'{key}: {way}']:6}" for way in MEMOS)
        yield f"{key:16} {verified / 1e3:12.1f} {alone / 1e3:11.1f} {verified / alone:6.2f}   {memos}"
