import EventLoop
import Glibc
import Testing

/// What the kernel says of the calling thread: the nanoseconds it runs at a time; nil where it does not say.
private func timeSlice() -> Int? {
    guard let file = fopen("/proc/thread-self/sched", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let words = text.split { $0 == " " || $0 == ":" || $0 == "\n" }
        if words.first == "se.slice" { return words.last.flatMap { Int($0) } }
    }
    return nil
}

struct ThreadPaceTests {
    @Test(.enabled(if: timeSlice() != nil, "the kernel does not tell time slices"))
    func `a prompt thread runs in short turns, and others as before`() async throws {
        let usual = try #require(timeSlice())
        for pace in [ThreadPace.usual, .prompt] {
            let pool = try BlockingPool(threads: 1, queueLimit: 1, pace: pace)
            let loop = try EventLoop(pace: pace)
            let expected = pace == .prompt ? 100_000 : usual
            #expect(try await pool.run { timeSlice() } == expected)
            #expect(try await loop.run { timeSlice() } == expected)
            await loop.shutdown()
            pool.shutdown()
        }
    }
}
