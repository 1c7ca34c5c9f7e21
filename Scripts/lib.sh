# Sourced by the other scripts: the toolchain and the flags every build shares.
command -v swift >/dev/null || PATH="/opt/swift/usr/bin:$PATH"
export PATH
build_flags=(--explicit-target-dependency-import-check error)
