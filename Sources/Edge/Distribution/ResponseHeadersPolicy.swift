/// What the edge adds to the responses of a behavior.
struct ResponseHeadersPolicy: Sendable, Equatable {
    let id: String
    let cors: CrossOriginRules?
    let customHeaders: [CustomHeader]
    /// Value of `Strict-Transport-Security` over TLS; `nil` for no field.
    let strictTransportSecurity: String?

    struct CustomHeader: Sendable, Equatable {
        let name: String
        let value: String
        let replacesOrigins: Bool
    }
}

/// Answers to the Fetch standard's CORS protocol.
///
/// The allowed origin is echoed, never `*`, so that credentials may be allowed and a cached object serves every origin.
struct CrossOriginRules: Sendable, Equatable {
    /// Lower-case serialised origins; `nil` allows any.
    let origins: Set<String>?
    let allowsCredentials: Bool
    /// Joined with `, `, ready for the wire.
    let methods: String
    let headers: String
    let exposedHeaders: String
    let maxAgeSeconds: Int

    /// Whether a page of this origin may read the response.
    func allows(origin: String) -> Bool {
        guard let origins else { return true }
        return origins.contains(origin.lowercased())
    }
}
