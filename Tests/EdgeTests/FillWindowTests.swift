import SegmentStore
import Testing

@testable import Edge

@Suite struct FillWindowTests {
    private let size = FillBody.pieceBytes

    private func append(_ count: Int, to window: inout FillWindow) {
        [UInt8](repeating: 7, count: count).withUnsafeBytes { window.append($0, expected: nil) }
    }

    private func isLost(_ window: FillWindow, at position: Int) -> Bool {
        if case .lost = window.step(from: position, upTo: .max) { return true }
        return false
    }

    @Test func `while the store takes the object only what it has committed goes`() {
        var window = FillWindow()
        window.open(ObjectID(rawValue: 9))
        append(3 * size, to: &window)
        window.passed(3 * size)
        var isFull = window.trim(to: 2 * size)
        #expect(isFull, "nothing is committed")
        #expect(window.body.heldBytes == 3 * size)
        window.committed(2)
        isFull = window.trim(to: 2 * size)
        #expect(!isFull)
        #expect(window.body.heldBytes == 2 * size)
        guard case .read(let id, let chunk, let byteCount, let range) = window.step(from: 5, upTo: .max) else {
            Issue.record("the first piece is in the store")
            return
        }
        #expect(id.rawValue == 9 && chunk == 0 && byteCount == size && range == 5..<size)
        #expect(!window.hasLostStart)
    }

    @Test func `without a store the fastest reader makes room, and who lags has lost`() {
        var window = FillWindow()
        append(3 * size, to: &window)
        for (position, isFull) in [(0, true), (size - 1, true), (size, false)] {
            window.passed(position)
            let stillFull = window.trim(to: 2 * size)
            #expect(stillFull == isFull, "the fastest reader is at \(position)")
        }
        #expect(isLost(window, at: size - 1))
        #expect(!isLost(window, at: size))
        #expect(window.hasLostStart)
    }

    @Test func `what the store took before it refused stays readable`() {
        var window = FillWindow()
        window.open(ObjectID(rawValue: 9))
        append(4 * size, to: &window)
        window.committed(1)
        window.storeRefused()
        window.passed(3 * size)
        let isFull = window.trim(to: size)
        #expect(!isFull)
        #expect(!isLost(window, at: 0))
        #expect(isLost(window, at: size))
        #expect(!isLost(window, at: 3 * size))
    }

    @Test func `a stored object takes no memory and its last chunk has its own size`() {
        var window = FillWindow()
        window.open(ObjectID(rawValue: 9))
        append(size + 100, to: &window)
        window.stored()
        #expect(window.body.heldBytes == 0)
        guard case .read(_, let chunk, let byteCount, let range) = window.step(from: size + 10, upTo: .max) else {
            Issue.record("the last chunk is in the store")
            return
        }
        #expect(chunk == 1 && byteCount == 100 && range == 10..<100)
    }
}
