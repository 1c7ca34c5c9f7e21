#!/usr/bin/env python3
"""Holds the layer rule: Package.swift lists targets lowest first, and an import may only point to an earlier one.

Also: pure targets import nothing that does I/O or knows the time, a C library is imported by its wrapper alone, epoll is
spoken by EventLoop alone, and the edge and the origin do not know each other.
"""
import json
import pathlib
import re
import subprocess
import sys

PURE = {"Bytes", "JSON", "HTTPWire", "CacheRules", "Playlist", "Configuration", "AccessLog", "TopView", "MediaPlan", "CMAF", "Conformance",
        "CommonPasswords", "CBOR", "Templates", "OAuth", "S3Wire", "UploadView", "ResumableUpload", "TusWire"}
FORBIDDEN_IN_PURE = {"Glibc", "Foundation", "FoundationEssentials", "Dispatch", "CLinux", "Telemetry", "EventLoop"}
WRAPPERS = {
    "CBytes": {"Bytes"},
    "COpenSSL": {"Crypto", "TLS"},
    "CArgon2": {"Crypto"},
    "CLMDB": {"SegmentStore"},
    "CExpat": {"XML"},
    "CMaxMindDB": {"Geolocation"},
    "CQREncode": {"QRCode"},
    "CSQLite": {"SQLiteDatabase"},
    "CCurl": {"Curl"},
    "CFFmpeg": {"AV"},
}
IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |internal |package |private |fileprivate )?import (?:\w+ )?(\w+)", re.M)

package = json.loads(subprocess.run(["swift", "package", "dump-package"], check=True, capture_output=True).stdout)
targets = [target for target in package["targets"]]
position = {target["name"]: index for index, target in enumerate(targets)}
folder = {target["name"]: target["path"].split("/")[0] for target in targets}
problems = []

for target in targets:
    name = target["name"]
    for dependency in target["dependencies"]:
        used = (dependency.get("byName") or dependency.get("target"))[0]
        if position[used] > position[name] and target["type"] != "test" and used != "TestKit":
            problems.append(f"Package.swift: {name} depends on {used}, which stands above it")
        # The command line stands above both, and may use what does no I/O.
        is_shared_logic = name == "weir" and used in PURE
        if folder[used] == "Origin" and folder[name] == "Sources" and not is_shared_logic:
            problems.append(f"Package.swift: {name} reaches into the origin ({used})")
        if folder[name] == "Origin" and used in {"Edge", "SegmentStore"}:
            problems.append(f"Package.swift: {name} reaches into the edge ({used})")
    if target["type"] in ("system", "test") or folder[name] == "Tests":
        continue
    for source in sorted(pathlib.Path(target["path"]).rglob("*.swift")):
        text = source.read_text()
        imports = set(IMPORT.findall(text))
        if name in PURE and imports & FORBIDDEN_IN_PURE:
            problems.append(f"{source}: a pure target imports {', '.join(sorted(imports & FORBIDDEN_IN_PURE))}")
        for library, allowed in WRAPPERS.items():
            if library in imports and name not in allowed:
                problems.append(f"{source}: {library} is for {' and '.join(sorted(allowed))} only")
        if "epoll" in re.sub(r"//.*", "", text) and name != "EventLoop":
            problems.append(f"{source}: epoll is for EventLoop only")

for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
