internal import CSandbox

/// What the process that decodes an upload gives up before it reads the first byte of it.
///
/// It keeps three descriptors: the upload, the pipe for results and its error output. Limits and privileges must work;
/// Landlock and the empty network namespace depend on the kernel and are reported when missing.
struct Jail {
    /// Address space in bytes.
    let memoryBytes: UInt64
    /// Processor time in seconds, all threads together.
    let cpuSeconds: UInt64

    /// Shuts the door behind the caller; returns what the kernel could not do.
    ///
    /// Throws when a part that every kernel has fails.
    func enter() throws(JailFailure) -> [String] {
        var missing: [String] = []
        if weir_close_from(UInt32(JailedTranscode.resultDescriptor) + 1) != 0 { missing.append("close_range") }
        try require(weir_die_with_parent(), "die with the parent")
        try require(weir_no_new_privileges(), "give up new privileges")
        try require(weir_undumpable(), "hide from debuggers")
        // A thread may not leave its user namespace, so this comes while there is only one.
        if weir_empty_network() != 0 { missing.append("network namespace") }
        if weir_landlock_deny_all() != 0 { missing.append("Landlock") }
        try require(weir_limit_core(), "limit core files")
        try require(weir_limit_memory(memoryBytes), "limit memory")
        try require(weir_limit_cpu(cpuSeconds), "limit processor time")
        try require(weir_limit_file_size(1 << 20), "limit file sizes")
        try require(weir_limit_descriptors(16), "limit descriptors")
        return missing
    }

    private func require(_ code: Int32, _ what: String) throws(JailFailure) {
        guard code == 0 else { throw JailFailure(what: what, code: code) }
    }
}

struct JailFailure: Error, CustomStringConvertible {
    let what: String
    let code: Int32

    var description: String { "the kernel refused to \(what) (errno \(code))" }
}
