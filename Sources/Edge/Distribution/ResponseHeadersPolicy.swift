import Bytes
import HTTPWire

/// What the edge adds to the responses of a behavior.
///
/// A class, because every response looks at it and none should copy it. Fields that are always the same are lines ready for
/// the wire.
final class ResponseHeadersPolicy: Sendable {
    let id: String
    let cors: CrossOriginRules?
    let customHeaders: [CustomHeader]
    /// Lower-case names of origins' fields that clients do not get.
    let removedHeaders: Set<String>
    /// Whether responses say what the cache did (`Server-Timing`).
    let tellsTiming: Bool
    /// Value of `Strict-Transport-Security` over TLS; `nil` for no field.
    let strictTransportSecurity: String?
    private let plain: Lines
    private let overTLS: Lines

    struct CustomHeader: Sendable, Equatable {
        let name: String
        let value: String
        let replacesOrigins: Bool

        /// A lifetime set for what exists must not make an error last as long.
        var isForErrors: Bool { !ASCII.equalsIgnoringCase(name, "cache-control") }
    }

    private struct Lines: Sendable {
        let ofSuccess: [UInt8]
        let ofErrors: [UInt8]

        init(_ fields: [CustomHeader]) {
            ofSuccess = Self.lines(fields)
            ofErrors = Self.lines(fields.filter(\.isForErrors))
        }

        private static func lines(_ fields: [CustomHeader]) -> [UInt8] {
            var writer = HeadWriter()
            for field in fields { writer.field(name: field.name, value: field.value) }
            return writer.take().bytes
        }
    }

    init(
        id: String, cors: CrossOriginRules?, customHeaders: [CustomHeader], removedHeaders: Set<String> = [],
        tellsTiming: Bool = false, strictTransportSecurity: String?
    ) {
        self.id = id
        self.removedHeaders = removedHeaders
        self.tellsTiming = tellsTiming
        self.cors = cors
        self.customHeaders = customHeaders
        self.strictTransportSecurity = strictTransportSecurity
        plain = Lines(customHeaders)
        let transport = strictTransportSecurity.map {
            CustomHeader(name: "Strict-Transport-Security", value: $0, replacesOrigins: true)
        }
        overTLS = Lines((transport.map { [$0] } ?? []) + customHeaders)
    }

    /// Writes the fields that do not depend on the request but for its transport.
    func writeFields(to writer: inout HeadWriter, isTLS: Bool, status: Int) {
        let lines = isTLS ? overTLS : plain
        writer.buffer.append(status < 400 ? lines.ofSuccess : lines.ofErrors)
    }
}

/// Answers to the Fetch standard's CORS protocol.
///
/// The allowed origin is echoed, never `*`, so that credentials may be allowed and a cached object serves every origin.
final class CrossOriginRules: Sendable {
    /// Lower-case serialised origins; `nil` allows any.
    let origins: Set<String>?
    let allowsCredentials: Bool
    /// Joined with `, `, ready for the wire.
    let methods: String
    let headers: String
    let exposedHeaders: String
    let maxAgeSeconds: Int

    init(
        origins: Set<String>?, allowsCredentials: Bool, methods: String, headers: String, exposedHeaders: String,
        maxAgeSeconds: Int
    ) {
        self.origins = origins
        self.allowsCredentials = allowsCredentials
        self.methods = methods
        self.headers = headers
        self.exposedHeaders = exposedHeaders
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// Whether a page of this origin may read the response.
    func allows(origin: String) -> Bool {
        guard let origins else { return true }
        return origins.contains(origin.lowercased())
    }
}
