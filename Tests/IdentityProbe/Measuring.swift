import Glibc

enum Rounds {
    /// The first argument, if it is a number.
    static let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20
    /// How long each is.
    static let nanoseconds = 200_000_000
}

/// Processor time of the whole process, in nanoseconds.
func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func wallTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// - Returns: the least, in nanoseconds.
@discardableResult
func report(_ what: String, nanoseconds: [Int]) -> Int {
    let least = max(1, nanoseconds.min() ?? 1)
    print("\(what): \(1_000_000_000 / least) per second of one core, \(least / 1000) µs")
    return least
}

@discardableResult
func measure(_ what: String, _ body: () throws -> Void) rethrows -> Int {
    let costs = try (0..<Rounds.count).map { _ in
        let (start, processor) = (wallTime(), processorTime())
        var calls = 0
        while wallTime() - start < Rounds.nanoseconds {
            try body()
            calls += 1
        }
        return (processorTime() - processor) / calls
    }
    return report(what, nanoseconds: costs)
}

/// Keeps sixteen calls under way.
@discardableResult
func measure(_ what: String, _ body: @escaping @Sendable () async throws -> Void) async throws -> Int {
    var costs: [Int] = []
    for _ in 0..<Rounds.count {
        let (end, processor) = (wallTime() + Rounds.nanoseconds, processorTime())
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var calls = 0
                    while wallTime() < end {
                        try await body()
                        calls += 1
                    }
                    return calls
                }
            }
            return try await group.reduce(0, +)
        }
        costs.append((processorTime() - processor) / calls)
    }
    return report(what, nanoseconds: costs)
}
