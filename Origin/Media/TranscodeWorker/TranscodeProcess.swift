/// Where a unit's events come from and how they can be stopped; a child process outside of tests.
protocol TranscodeProcess: AnyObject, Sendable {
    /// Some of its output; nil at its end. Blocks.
    func read() -> [UInt8]?
    /// Ends it at once; may be called from anywhere, also during `read`, and does nothing once it is collected.
    func kill()
    /// Collects it after its end. Blocks; to be called once.
    func wait() -> ProcessExit
}

/// How a process ended.
struct ProcessExit: Sendable {
    /// Exit status; -1 after a signal.
    let code: Int32
    /// The signal that ended it, or 0.
    let signal: Int32
    /// The end of what it wrote to its error output.
    let words: String
    /// What it took.
    var usage = ProcessUsage()
}

/// What a process took from the machine.
struct ProcessUsage: Sendable, Equatable {
    /// Processor time of all its threads.
    var cpuSeconds = 0.0
    /// The most memory it had at a time.
    var peakBytes: Int64 = 0
}
