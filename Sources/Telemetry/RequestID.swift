public import Bytes

/// Names one request in every log line and answer it causes.
///
/// Made ids are 16 random bytes in lower-case hex. They are for finding lines, not secrets. Each is written twice, to the client
/// and to the log, so it is kept as text, in place: making, copying and writing one costs no allocation and counts no reference.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    /// The text, and zeros behind it.
    private var words = InlineArray<8, UInt64>(repeating: 0)
    private var count = 0

    /// A new id from a generator of the caller's, one per loop.
    public init(using generator: inout RequestIDGenerator) {
        let (high, low) = (HexadecimalDigits(of: generator.next()), HexadecimalDigits(of: generator.next()))
        words[0] = high.first
        words[1] = high.last
        words[2] = low.first
        words[3] = low.last
        count = 32
    }

    /// A new id from the system's random source.
    public static func random() -> RequestID {
        var generator = RequestIDGenerator()
        return RequestID(using: &generator)
    }

    /// Takes an id that a client or proxy sent, if it is sane: 1 to 64 letters, digits, `-`, `_` or `.`.
    public init?(incoming bytes: some Collection<UInt8>) {
        guard ASCII.isName(bytes) else { return nil }
        count = bytes.count
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// Appends the id's text.
    public func append(to buffer: inout GrowableBuffer) {
        withUnsafeBytes(of: words) { buffer.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// Writes the id's text; returns how many bytes that are.
    ///
    /// - Parameter memory: of 64 bytes.
    public func write(to memory: UnsafeMutableRawPointer) -> Int {
        memory.storeBytes(of: words, as: InlineArray<8, UInt64>.self)
        return count
    }

    /// Whether both are the same text.
    public static func == (first: RequestID, second: RequestID) -> Bool {
        first.count == second.count && first.words.indices.allSatisfy { first.words[$0] == second.words[$0] }
    }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) {
        for index in words.indices { hasher.combine(words[index]) }
    }

    /// What a person reads in logs and errors.
    public var description: String {
        var buffer = GrowableBuffer(capacity: 64)
        append(to: &buffer)
        return String(decoding: buffer.readable, as: UTF8.self)
    }
}

/// A quick generator of request ids (xoshiro256**), seeded once from the system.
///
/// Not for secrets.
public struct RequestIDGenerator: Sendable, RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Seeds itself from the system's random source.
    public init() {
        var system = SystemRandomNumberGenerator()
        state = (system.next() | 1, system.next(), system.next(), system.next())
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let result = Self.rotate(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, by: 45)
        return result
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
