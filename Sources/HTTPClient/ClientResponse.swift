public import HTTPWire

/// A response to `HTTPClient.send`. Dropping it, or its body, before the end closes its connection.
public struct ClientResponse: Sendable {
    /// The status code.
    public var status: HTTPStatus
    /// The header fields in the order they came.
    public var headers: Headers
    /// The body, read at the caller's pace.
    public var body: ClientResponseBody
}

/// The body of a response: a sequence of byte chunks of the size they arrived in. It can be read once.
public struct ClientResponseBody: Sendable, AsyncSequence {
    /// A chunk.
    public typealias Element = [UInt8]
    /// Why the body did not arrive completely.
    public typealias Failure = ClientError

    let stream: ResponseStream
    /// Bytes announced; nil if unknown.
    public let length: Int?
    /// Whether the end of the body can be told from a broken connection.
    public let isDelimited: Bool

    /// Starts to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stream: stream)
    }

    /// Reads the whole body into memory. Throws `tooLarge` as soon as more than `limit` bytes are announced or have come.
    public func collect(upTo limit: Int) async throws(ClientError) -> [UInt8] {
        if let length, length > limit { throw stream.tooLarge(limit) }
        var collected: [UInt8] = []
        while let chunk = try await stream.next() {
            if collected.count + chunk.count > limit { throw stream.tooLarge(limit) }
            if collected.isEmpty { collected = chunk } else { collected += chunk }
        }
        return collected
    }

    /// Delivers the chunks one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: ResponseStream

        /// The next chunk, never empty; nil at the end of the body.
        public mutating func next() async throws(ClientError) -> [UInt8]? {
            try await stream.next()
        }

        /// The next chunk, never empty; nil at the end of the body.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ClientError) -> [UInt8]? {
            try await stream.next()
        }
    }
}
