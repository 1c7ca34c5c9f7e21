/// Why a stream or a connection ended (RFC 9113 §7).
public struct HTTP2ErrorCode: Sendable, Hashable {
    /// The number on the wire.
    public let rawValue: UInt32

    /// The code of that number; unknown ones are kept.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Nothing went wrong.
    public static let noError = HTTP2ErrorCode(rawValue: 0)
    /// The peer broke the protocol.
    public static let protocolError = HTTP2ErrorCode(rawValue: 1)
    /// This side failed.
    public static let internalError = HTTP2ErrorCode(rawValue: 2)
    /// The peer sent more than it was allowed to.
    public static let flowControl = HTTP2ErrorCode(rawValue: 3)
    /// The peer did not acknowledge the settings.
    public static let settingsTimeout = HTTP2ErrorCode(rawValue: 4)
    /// A frame for a stream that has ended.
    public static let streamClosed = HTTP2ErrorCode(rawValue: 5)
    /// A frame of impossible length.
    public static let frameSize = HTTP2ErrorCode(rawValue: 6)
    /// The stream was not looked at and may be tried again.
    public static let refusedStream = HTTP2ErrorCode(rawValue: 7)
    /// The stream is not wanted any more.
    public static let cancel = HTTP2ErrorCode(rawValue: 8)
    /// The header compression state is lost.
    public static let compression = HTTP2ErrorCode(rawValue: 9)
    /// The peer generates too much load.
    public static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)

    /// The name as RFC 9113 writes it, in lower case as labels have it; unknown codes are `other`.
    public var label: String {
        rawValue < Self.labels.count ? Self.labels[Int(rawValue)] : "other"
    }

    /// Every label, in the order of the codes.
    public static let labels = [
        "no_error", "protocol_error", "internal_error", "flow_control_error", "settings_timeout", "stream_closed",
        "frame_size_error", "refused_stream", "cancel", "compression_error", "connect_error", "enhance_your_calm",
        "inadequate_security", "http_1_1_required",
    ]
}
