public import Transport

/// Why a request body did not arrive completely.
public enum RequestBodyError: Error, Sendable, Equatable {
    /// The client closed or reset the connection.
    case disconnected
    /// The chunked coding was malformed.
    case malformed
    /// Nothing arrived for the body timeout.
    case timedOut
    /// The exchange ended before its body was read.
    case exchangeEnded
    /// More bytes came than the server takes (`HTTPServerConfiguration.maxBodyBytes`) or `RequestBody.collect(upTo:)` may
    /// hold.
    case tooLarge(limit: Int)
}

/// Takes a request body as it arrives. All calls come on the exchange's loop; after `endOnLoop` or `failedOnLoop` none
/// follows.
public protocol BodySink: AnyObject {
    /// Bytes of the body, valid during the call only.
    func receiveOnLoop(_ bytes: UnsafeRawBufferPointer) -> Flow
    /// The body is complete.
    func endOnLoop()
    /// The body will not be completed.
    func failedOnLoop(_ error: RequestBodyError)
}
