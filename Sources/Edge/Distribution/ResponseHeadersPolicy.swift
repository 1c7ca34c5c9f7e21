import Bytes
import HTTPWire

/// What the edge adds to the responses of a behavior.
///
/// A class, because every response looks at it and none should copy it. Fields that are always the same are lines ready for
/// the wire.
final class ResponseHeadersPolicy: Sendable {
    let id: String
    let cors: CrossOriginRules?
    let fields: [Field]
    /// Lower-case names of origins' fields that clients do not get.
    let removedHeaders: Set<String>
    /// Whether responses say what the cache did (`Server-Timing`).
    let tellsTiming: Bool
    private let plain: Lines
    private let overTLS: Lines
    /// Written only where the origin says nothing itself.
    private let deferring: [Field]

    /// A field that is set on every response.
    struct Field: Sendable, Equatable {
        let name: String
        let value: String
        /// Whether it takes the place of an origin's field of that name; if not, it is left out where there is one.
        let replacesOrigins: Bool
        var needsTLS = false

        /// A lifetime set for what exists must not make an error last as long.
        var isForErrors: Bool { !ASCII.equalsIgnoringCase(name, "cache-control") }
    }

    private struct Lines: Sendable {
        let ofSuccess: [UInt8]
        let ofErrors: [UInt8]

        init(_ fields: [Field]) {
            ofSuccess = Self.lines(fields)
            ofErrors = Self.lines(fields.filter(\.isForErrors))
        }

        private static func lines(_ fields: [Field]) -> [UInt8] {
            var writer = HeadWriter()
            for field in fields { writer.field(name: field.name, value: field.value) }
            return writer.take().bytes
        }
    }

    init(
        id: String, cors: CrossOriginRules?, fields: [Field], removedHeaders: Set<String> = [],
        tellsTiming: Bool = false
    ) {
        self.id = id
        self.cors = cors
        self.fields = fields
        self.removedHeaders = removedHeaders
        self.tellsTiming = tellsTiming
        let replacing = fields.filter(\.replacesOrigins)
        plain = Lines(replacing.filter { !$0.needsTLS })
        overTLS = Lines(replacing)
        deferring = fields.filter { !$0.replacesOrigins }
    }

    /// Writes the fields that do not depend on the request but for its transport.
    ///
    /// - Parameter origins: lines of the origin's that are in the response.
    func writeFields(
        to writer: inout HeadWriter, isTLS: Bool, status: Int, besides origins: UnsafeRawBufferPointer
    ) {
        let lines = isTLS ? overTLS : plain
        writer.buffer.append(status < 400 ? lines.ofSuccess : lines.ofErrors)
        for field in deferring where status < 400 || field.isForErrors {
            if !FieldBlock.contains(field.name, in: origins) { writer.field(name: field.name, value: field.value) }
        }
    }

    /// Whether the origin's field goes, with or without one of the edge's in its place; `name` in lower case.
    func replaces(_ name: String) -> Bool {
        if removedHeaders.contains(name) { return true }
        if cors != nil, name.hasPrefix("access-control-") { return true }
        return fields.contains { $0.replacesOrigins && ASCII.equalsIgnoringCase($0.name, name) }
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
