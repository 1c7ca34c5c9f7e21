internal import CSandbox
internal import Glibc

/// What the process that decodes an upload gives up before it reads the first byte of it.
///
/// It keeps its three standard descriptors, the upload and the pipe for results. Limits and privileges must work; the
/// filter of system calls, Landlock and the empty network namespace depend on the kernel and are reported when missing.
public struct Jail {
    /// Address space in bytes.
    let memoryBytes: UInt64
    /// Processor time in seconds, all threads together.
    let cpuSeconds: UInt64

    /// Threads at a time: more than any encoder starts on the largest machines, few for one that only wants to do harm.
    static let maximumThreads: UInt64 = 1024
    /// Bytes the error output may grow to.
    static let maximumFileBytes: UInt64 = 1 << 20
    /// Descriptors 0 to 4 are what the parent arranges; the kernel hands out no other.
    static let maximumDescriptors = UInt64(JailedTranscode.resultDescriptor) + 1

    /// A jail of this size; nothing happens before `enter`.
    public init(memoryBytes: UInt64, cpuSeconds: UInt64) {
        self.memoryBytes = memoryBytes
        self.cpuSeconds = cpuSeconds
    }

    /// Shuts the door behind the caller, all its threads included; returns what the kernel could not do.
    ///
    /// Throws when a part that every kernel has fails.
    public func enter() throws(JailFailure) -> [String] {
        var missing: [String] = []
        if weir_close_from(UInt32(Self.maximumDescriptors)) != 0 { missing.append("close_range") }
        try require(weir_no_new_privileges(), "give up new privileges")
        // A thread may not leave its user namespace, so this comes while there is only one.
        if weir_empty_network() == 0 {
            // Threads count by user and namespace: without a namespace of its own this would count the parent's, too.
            try require(weir_limit_threads(Self.maximumThreads), "limit threads")
        } else {
            missing.append("network namespace")
        }
        try require(weir_die_with_parent(), "die with the parent")
        try require(weir_undumpable(), "hide from debuggers")
        if weir_landlock_deny_all() != 0 { missing.append("Landlock") }
        try require(weir_limit_core(), "limit core files")
        try require(weir_limit_memory(memoryBytes), "limit memory")
        try require(weir_limit_cpu(cpuSeconds), "limit processor time")
        try require(weir_limit_file_size(Self.maximumFileBytes), "limit file sizes")
        try require(weir_limit_descriptors(Self.maximumDescriptors), "limit descriptors")
        // Last, since it allows nothing of the above.
        let filter = JailFilter(rules: Self.systemCalls(of: getpid())).instructions
        if weir_filter_system_calls(filter, UInt16(filter.count)) != 0 { missing.append("system call filter") }
        return missing
    }

    private func require(_ code: Int32, _ what: String) throws(JailFailure) {
        guard code == 0 else { throw JailFailure(what: what, code: code) }
    }
}

/// A part of the jail that every kernel has, and that this one refused.
public struct JailFailure: Error, CustomStringConvertible {
    let what: String
    let code: Int32

    /// For the log.
    public var description: String { "the kernel refused to \(what) (errno \(code))" }
}
