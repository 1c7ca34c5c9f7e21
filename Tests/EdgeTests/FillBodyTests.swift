import Testing

@testable import Edge

@Suite struct FillBodyTests {
    private func collect(_ body: FillBody, from start: Int, to end: Int) -> [UInt8] {
        var collected: [UInt8] = []
        var position = start
        while let run = body.run(from: position, upTo: end) {
            collected += Array(run.piece.bytes(run.range))
            position += run.range.count
        }
        return collected
    }

    private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test(arguments: [nil, 700_000] as [Int?])
    func `bytes come back in order across pieces`(expected: Int?) {
        let bytes = pattern(700_000)
        var body = FillBody()
        for start in stride(from: 0, to: bytes.count, by: 33_333) {
            bytes[start..<min(start + 33_333, bytes.count)].withUnsafeBytes { body.append($0, expected: expected) }
        }
        #expect(body.count == bytes.count)
        #expect(collect(body, from: 0, to: .max) == bytes)
        #expect(collect(body, from: 262_143, to: 262_146) == Array(bytes[262_143..<262_146]))
    }

    @Test func `nothing is handed out beyond what has arrived`() {
        var body = FillBody()
        pattern(10).withUnsafeBytes { body.append($0, expected: 100) }
        #expect(body.run(from: 10, upTo: 100) == nil)
        #expect(body.run(from: 4, upTo: 100)?.range == 4..<10)
        #expect(body.run(from: 4, upTo: 6)?.range == 4..<6)
    }
}
