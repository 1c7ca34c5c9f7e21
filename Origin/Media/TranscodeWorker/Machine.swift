internal import CSandbox
internal import Glibc

/// What the machine has, as far as this process may use it.
enum Machine {
    /// Processors this process may run on; at least 1.
    static var processors: Int { max(1, Int(weir_processors())) }

    /// Physical memory in MiB.
    static var memoryMebibytes: Int { (sysconf(Int32(_SC_PHYS_PAGES)) / 1024) * sysconf(Int32(_SC_PAGESIZE)) / 1024 }

    /// Busy and all time of all processors since the start, in clock ticks.
    static var processorTicks: (busy: UInt64, all: UInt64)? {
        guard let file = fopen("/proc/stat", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return ticks(String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, …
    static func ticks(_ line: String) -> (busy: UInt64, all: UInt64)? {
        let fields = line.split(separator: " ")
        let numbers = fields.dropFirst().compactMap { UInt64($0.trimmingNewline) }
        guard fields.first == "cpu", numbers.count >= 5 else { return nil }
        let all = numbers.prefix(8).reduce(0, &+)
        return (all - numbers[3] - numbers[4], all)
    }
}

extension Substring {
    fileprivate var trimmingNewline: Substring { hasSuffix("\n") ? dropLast() : self }
}
