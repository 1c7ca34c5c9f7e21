/// The body of an async request: a sequence of byte chunks, each of what has arrived since the one before was read. It can be
/// read once. While the handler does not read, some `RequestBodyStream.highWater` bytes are held and the client feels the
/// back-pressure.
/// An unread body costs nothing and hangs nothing.
public struct RequestBody: Sendable, AsyncSequence {
    /// A chunk.
    public typealias Element = [UInt8]
    /// Why the body did not arrive completely.
    public typealias Failure = RequestBodyError

    enum Storage {
        case bytes([UInt8])
        case stream(RequestBodyStream)
    }

    let storage: Storage
    /// Bytes announced by `Content-Length`; nil for a chunked body.
    public let length: Int?

    /// A body that is already complete.
    public init(_ bytes: [UInt8]) {
        storage = .bytes(bytes)
        length = bytes.count
    }

    init(_ stream: RequestBodyStream, length: Int?) {
        storage = .stream(stream)
        self.length = length
    }

    /// Starts to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(storage: storage)
    }

    /// Reads the whole body into memory. Throws `RequestBodyError.tooLarge` as soon as more than `limit` bytes are
    /// announced or have come; the rest is then left unread.
    public func collect(upTo limit: Int) async throws(RequestBodyError) -> [UInt8] {
        if let length, length > limit { throw .tooLarge(limit: limit) }
        var iterator = makeAsyncIterator()
        var collected = try await iterator.next() ?? []
        if collected.count > limit { throw .tooLarge(limit: limit) }
        while let chunk = try await iterator.next() {
            if collected.count + chunk.count > limit { throw .tooLarge(limit: limit) }
            collected += chunk
        }
        return collected
    }

    /// Delivers the chunks one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var storage: Storage

        /// The next chunk, never empty; nil at the clean end of the body.
        public mutating func next() async throws(RequestBodyError) -> [UInt8]? {
            switch storage {
            case .bytes(let bytes):
                storage = .bytes([])
                return bytes.isEmpty ? nil : bytes
            case .stream(let stream):
                return try await stream.next()
            }
        }

        /// The next chunk, never empty; nil at the clean end of the body.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RequestBodyError) -> [UInt8]? {
            switch storage {
            case .bytes(let bytes):
                storage = .bytes([])
                return bytes.isEmpty ? nil : bytes
            case .stream(let stream):
                return try await stream.next()
            }
        }
    }
}
