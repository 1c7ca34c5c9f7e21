extension HTTPClient {
    /// Sends `request` from any task and returns when the head of its response is here; the body is read from the result.
    /// Cancelling the task cancels the request. Throws `ClientError` only.
    public func send(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        let channel = ResponseChannel(endpoint: request.endpoint, loop: loop)
        let head = try await channel.start(request, on: self)
        let body = ClientResponseBody(
            stream: ResponseStream(channel), length: head.length, isDelimited: head.isDelimited)
        return ClientResponse(status: head.status, headers: head.headers, body: body)
    }
}

/// The request body can no longer be sent: the request has failed, was cancelled or has been answered.
public struct RequestBodyClosed: Error, Sendable {
    /// Nothing to say beyond its name.
    public init() {}
}

/// The way of a streamed request body to the server. A write returns when the client has room for more.
public struct ClientBodyWriter: Sendable {
    let channel: ResponseChannel

    /// Sends `bytes`. Throws `RequestBodyClosed` once nobody wants them.
    public func write(_ bytes: [UInt8]) async throws(RequestBodyClosed) {
        if bytes.isEmpty { return }
        guard await channel.write(bytes) else { throw RequestBodyClosed() }
    }

    /// Sends the UTF-8 of `text`.
    public func write(_ text: String) async throws(RequestBodyClosed) {
        try await write([UInt8](text.utf8))
    }
}
