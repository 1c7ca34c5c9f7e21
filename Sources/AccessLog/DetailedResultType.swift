/// What exactly went wrong, in CloudFront's log field `x-edge-detailed-result-type`; where nothing did, the field repeats the
/// result type.
///
/// Raw values travel in an exchange's `detail`.
public enum DetailedResultType: UInt8, Sendable, CaseIterable {
    /// The result type says it all.
    case none
    /// Signed access, a method or a rule of the distribution refused the request.
    case invalidRequest
    /// The request was blocked by a rule about clients.
    case invalidRequestBlocked
    /// The method is not allowed here.
    case invalidRequestMethod
    /// The client is in a country that the distribution does not serve.
    case clientGeoBlocked
    /// The client went away before the response was complete.
    case clientCommError
    /// The client went away before the response began.
    case clientHungUpRequest
    /// The origin's name has no address.
    case originDnsError
    /// No connection to the origin, or no TLS on it.
    case originConnectError
    /// The origin did not answer in time.
    case originCommError
    /// The origin broke off or sent less than it announced.
    case originReadError
    /// The request could not be sent to the origin.
    case originWriteError
    /// What the origin sent is not HTTP.
    case originInvalidResponseError
    /// The origin sent another range than it was asked for.
    case originContentRangeLengthError
    /// The origin's response head is too large.
    case originHeaderTooBigError
    /// The origin answered with an error.
    case originError
    /// The client read too slowly for a response that nobody keeps.
    case slowReaderOriginError

    /// CloudFront's word; nil where the result type stands instead.
    public var word: StaticString? {
        switch self {
        case .none: nil
        case .invalidRequest: "InvalidRequest"
        case .invalidRequestBlocked: "InvalidRequestBlocked"
        case .invalidRequestMethod: "InvalidRequestMethod"
        case .clientGeoBlocked: "ClientGeoBlocked"
        case .clientCommError: "ClientCommError"
        case .clientHungUpRequest: "ClientHungUpRequest"
        case .originDnsError: "OriginDnsError"
        case .originConnectError: "OriginConnectError"
        case .originCommError: "OriginCommError"
        case .originReadError: "OriginReadError"
        case .originWriteError: "OriginWriteError"
        case .originInvalidResponseError: "OriginInvalidResponseError"
        case .originContentRangeLengthError: "OriginContentRangeLengthError"
        case .originHeaderTooBigError: "OriginHeaderTooBigError"
        case .originError: "OriginError"
        case .slowReaderOriginError: "SlowReaderOriginError"
        }
    }
}
