import Testing

@testable import Edge

@Suite struct FillBodyTests {
    private func collect(_ body: FillBody, from start: Int, to end: Int) -> [UInt8] {
        var collected: [UInt8] = []
        var position = start
        while case .memory(let piece, let range) = body.run(from: position, upTo: end) {
            collected += Array(piece.bytes(range))
            position += range.count
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
        #expect(collect(body, from: 4, to: 100) == Array(pattern(10)[4...]))
        #expect(collect(body, from: 4, to: 6) == Array(pattern(10)[4..<6]))
    }

    @Test func `what has left the window is named by its number and range`() {
        let size = FillBody.pieceBytes
        var body = FillBody()
        pattern(2 * size + 5).withUnsafeBytes { body.append($0, expected: nil) }
        body.dropOldest()
        #expect(body.heldBytes == 2 * size)
        #expect(body.run(from: size - 3, upTo: .max) == .left(piece: 0, size - 3..<size))
        #expect(collect(body, from: size, to: .max) == Array(pattern(2 * size + 5)[size...]))
        body.dropAll()
        #expect(body.heldBytes == 0)
        #expect(body.run(from: 2 * size + 1, upTo: .max) == .left(piece: 2, 1..<5))
        #expect(body.run(from: 2 * size + 5, upTo: .max) == nil)
    }
}

extension FillBody.Run: Equatable {
    /// Runs in memory are told apart by their ranges alone.
    static func == (left: FillBody.Run, right: FillBody.Run) -> Bool {
        switch (left, right) {
        case (.memory(_, let left), .memory(_, let right)): left == right
        case (.left(let left, let leftRange), .left(let right, let rightRange)):
            left == right && leftRange == rightRange
        default: false
        }
    }
}
