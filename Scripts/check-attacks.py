#!/usr/bin/env python3
"""Every test that docs/attacks.md names in italics, and every file of tests, is there."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[1]
sources = [path for kind in ("swift", "py") for path in (root / "Tests").rglob(f"*.{kind}")]
tests = {name for path in sources for name in re.findall(r"func `([^`]+)`", path.read_text())}
files = {path.name for path in sources}

missing = []
for line in (root / "docs/attacks.md").read_text().splitlines():
    for code in re.findall(r"`([^`]+)`", line):
        name = code.split("/")[-1]
        if name.endswith(".py") and name not in files or name.endswith("Tests") and f"{name}.swift" not in files:
            missing.append(f"no file of tests: {code}")
    plain = re.sub(r"\*\*[^*]*\*\*", "", re.sub(r"`[^`]*`", "", line))
    missing += [f"no test: {name}" for name in re.findall(r"\*([^*]+)\*", plain) if name not in tests]
print(*missing, sep="\n", end="\n" if missing else "")
sys.exit(1 if missing else 0)
