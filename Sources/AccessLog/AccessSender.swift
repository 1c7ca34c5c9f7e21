public import Bytes

/// Who sent a request and through what: what stays the same from one request of a player to the next. The bytes belong to the
/// caller.
///
/// Text is empty where there is none. The referrer holds no secrets any more (`SecretParameters`).
public struct AccessSender: ~Copyable {
    /// Where the edge is, as its operator says.
    public var location = AccessText.none
    /// The client's address without its port.
    public var client = AccessText.none
    /// The client's port.
    public var port = 0
    /// Two letters, ISO 3166-1.
    public var country = AccessText.none
    /// The version of TLS, such as `TLSv1.3`.
    public var tlsVersion = AccessText.none
    /// OpenSSL's name of the cipher.
    public var tlsCipher = AccessText.none
    /// Whether the connection is encrypted.
    public var isTLS = false
    /// Such as `HTTP/1.1`.
    public var httpVersion: StaticString = "HTTP/1.1"

    /// The request method.
    public var method = AccessText.none
    /// `Host`.
    public var host = AccessText.none
    /// `Referer` without secrets.
    public var referrer = AccessText.none
    /// `User-Agent`.
    public var userAgent = AccessText.none
    /// `X-Forwarded-For`.
    public var forwardedFor = AccessText.none

    /// A sender of whom nothing is known.
    public init() {}

    /// Bytes of all texts. Each is the length of something in memory, so no sum of them overflows.
    var textBytes: Int {
        location.count &+ client.count &+ country.count &+ tlsVersion.count &+ tlsCipher.count &+ method.count
            &+ host.count &+ referrer.count &+ userAgent.count &+ forwardedFor.count
    }
}

/// What tells two senders apart: as long as all of it is the same, so is what a line says of the sender.
public struct SenderKey {
    /// Names the connection; no other one of the same log ever has the same number.
    public var connection: UInt64
    /// Of the client's country; 0 if it is not known.
    public var country: UInt16 = 0
    /// The version of HTTP, of which a connection may speak two.
    public var minorVersion: UInt8 = 1
    /// Where the slices lie.
    let head: UnsafeRawBufferPointer
    /// The request method.
    public var method = ByteSlice.empty
    /// `Host`.
    public var host = ByteSlice.empty
    /// `Referer` as it was sent.
    public var referrer = ByteSlice.empty
    /// `User-Agent`.
    public var userAgent = ByteSlice.empty
    /// `X-Forwarded-For`.
    public var forwardedFor = ByteSlice.empty

    /// The key of requests without fields.
    ///
    /// - Parameter head: the bytes that slices point into.
    public init(connection: UInt64, head: UnsafeRawBufferPointer) {
        self.connection = connection
        self.head = head
    }

    /// Bytes of all texts.
    var textBytes: UInt64 {
        UInt64(method.count) &+ UInt64(host.count) &+ UInt64(referrer.count) &+ UInt64(userAgent.count)
            &+ UInt64(forwardedFor.count)
    }

    /// Whether all slices lie in `head`.
    var isSound: Bool {
        max(max(method.end, host.end), max(max(referrer.end, userAgent.end), forwardedFor.end)) <= head.count
    }

    /// The lengths of the texts in one number, where together they are no longer than a place of `SenderMemo`.
    var lengths: UInt64 {
        UInt64(method.count) | UInt64(host.count) << 12 | UInt64(referrer.count) << 24 | UInt64(userAgent.count) << 36
            | UInt64(forwardedFor.count) << 48
    }
}
