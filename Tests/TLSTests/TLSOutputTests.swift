import Crypto
import Glibc
import TLS
import Testing

/// How records reach the socket: together, in order, and all of them, however little the socket takes.
struct TLSOutputTests {
    private let pair: TLSPair
    private let pattern = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    init() throws {
        pair = try TLSPair.connected()
    }

    private func write(_ head: [UInt8], _ body: [UInt8] = [], more: Bool = false) -> TLSResult {
        head.withUnsafeBytes { head in body.withUnsafeBytes { pair.server.write(head, $0, more: more) } }
    }

    private func readAll() -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 50_000)
        while case .bytes(let count) = buffer.withUnsafeMutableBytes({ pair.client.read(into: $0) }) {
            received += buffer[..<count]
        }
        return received
    }

    /// What stands in the client's socket: each record's length, by its header (RFC 8446 §5.1).
    private func recordsInSocket() -> [Int] {
        let bytes = pair.peekAtClient(upTo: 200_000)
        var lengths: [Int] = []
        var position = 0
        while position + 5 <= bytes.count {
            let length = Int(bytes[position + 3]) << 8 | Int(bytes[position + 4])
            lengths.append(length)
            position += 5 + length
        }
        #expect(position == bytes.count)
        return lengths
    }

    @Test func `a head and a small body are one record`() {
        #expect(write(Array("head ".utf8), Array("body".utf8)) == .bytes(9))
        #expect(recordsInSocket().count == 1)
        #expect(readAll() == Array("head body".utf8))
    }

    @Test func `a head fills its record up with body, and the rest are whole records`() {
        let head = Array(pattern[..<300])
        let body = Array(pattern[300..<40_000])
        #expect(write(head, body) == .bytes(40_000))
        // Content, one byte of type and the 16 bytes of the tag (RFC 8446 §5.2).
        #expect(recordsInSocket() == [16_384 + 17, 16_384 + 17, 40_000 - 2 * 16_384 + 17])
        #expect(readAll() == Array(pattern[..<40_000]))
    }

    @Test(arguments: [1, 16_383, 16_384, 16_385, 70_000])
    func `pieces of every size arrive in order`(headSize: Int) {
        var received: [UInt8] = []
        var accepted = 0
        while received.count < pattern.count {
            let split = max(accepted, min(headSize, pattern.count))
            guard case .bytes(let count) = write(Array(pattern[accepted..<split]), Array(pattern[split...])) else {
                Issue.record("the stream broke")
                return
            }
            accepted += count
            received += readAll()
        }
        #expect(received == pattern)
        #expect(!pair.server.hasPendingOutput)
    }

    @Test func `what a full socket refused waits inside and goes first`() throws {
        let small = try TLSPair.connected(sendBuffer: 8_192)
        let bytes = Array(pattern[..<60_000])
        #expect(bytes.withUnsafeBytes { small.server.write($0) } == .bytes(60_000))
        #expect(small.server.hasPendingOutput)
        #expect(small.server.writeOnce("!") == .wantWrite)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while small.server.hasPendingOutput || received.count < bytes.count {
            while case .bytes(let count) = buffer.withUnsafeMutableBytes({ small.client.read(into: $0) }) {
                received += buffer[..<count]
            }
            _ = small.server.writeOnce("")
        }
        #expect(small.server.writeOnce("!") == .bytes(1))
        while case .bytes(let count) = buffer.withUnsafeMutableBytes({ small.client.read(into: $0) }) {
            received += buffer[..<count]
        }
        #expect(received == bytes + Array("!".utf8))
    }

    @Test func `with more to come nothing is sent until the last piece`() {
        #expect(write([1], more: true) == .bytes(1))
        #expect(pair.server.hasPendingOutput)
        #expect(recordsInSocket().isEmpty)
        #expect(write([2]) == .bytes(1))
        #expect(!pair.server.hasPendingOutput)
        #expect(recordsInSocket().count == 2)
        #expect(readAll() == [1, 2])
    }

    @Test func `sessions that share an output do not mix`() throws {
        let output = TLSOutput()
        let one = try TLSPair.connected(output: output)
        let two = try TLSPair.connected(output: output)
        #expect([1].withUnsafeBytes { one.server.write($0, more: true) } == .bytes(8))
        #expect(two.server.writeOnce("two") == .bytes(3))
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(buffer.withUnsafeMutableBytes { one.client.read(into: $0) } == .bytes(8))
        #expect(buffer.withUnsafeMutableBytes { two.client.read(into: $0) } == .bytes(3))
        #expect(buffer[..<3] == ArraySlice("two".utf8))
    }

    @Test func `a session that ends in the middle of a turn leaves the output to the others`() throws {
        let output = TLSOutput()
        var gone: TLSPair? = try TLSPair.connected(output: output)
        _ = [7].withUnsafeBytes { gone?.server.write($0, more: true) }
        gone = nil
        let stays = try TLSPair.connected(output: output)
        #expect(stays.server.writeOnce("here") == .bytes(4))
        #expect(stays.client.readOnce() == .bytes(4))
    }

    @Test func `one read takes several records that are here, and then the end`() throws {
        #expect(write([1]) == .bytes(1))
        #expect(write([2, 3]) == .bytes(2))
        #expect(pair.server.shutdown() == .bytes(0))
        #expect(pair.client.readOnce() == .bytes(3))
        #expect(pair.client.hasBufferedBytes)
        #expect(pair.client.readOnce() == .closed)
        #expect(pair.client.wasClosedCleanly)
    }

    @Test func `an idle session gives its buffers back and works on`() {
        pair.server.releaseIdleBuffers()
        pair.client.releaseIdleBuffers()
        #expect(write([5]) == .bytes(1))
        #expect(readAll() == [5])
    }
}
