public import Bytes

/// Names of query parameters whose values may not be logged, and how a query is written without them.
///
/// Names are compared without regard to case and percent encoding.
public struct SecretParameters: Sendable {
    /// Signed URLs of CloudFront, S3 and other CDNs, bearer tokens, passwords. A configuration adds to them.
    public static let builtIn = [
        "Policy", "Signature", "Key-Pair-Id", "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id",
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "X-Goog-Signature",
        "X-Goog-Credential", "access_token", "id_token", "refresh_token", "token", "auth_token", "session_token", "jwt",
        "code", "assertion", "client_secret", "secret", "password", "passwd", "pwd", "auth", "authorization", "api_key",
        "apikey", "api-key", "key", "sig", "signature", "hmac", "hash", "session", "sessionid", "hdnts", "hdnea",
        "hdntl", "verify", "otp",
    ]

    /// What stands in a secret's place.
    public static let replacement: StaticString = "REDACTED"

    /// Lower case, by length.
    private let names: [[[UInt8]]]
    private static let longest = 63

    /// The built-in names and `more`.
    public init(and more: [String] = []) {
        var names = [[[UInt8]]](repeating: [], count: Self.longest + 1)
        for name in Self.builtIn + more {
            let lower = name.utf8.map { ASCII.lowercased($0) }
            if lower.count <= Self.longest, !names[lower.count].contains(lower) { names[lower.count].append(lower) }
        }
        self.names = names
    }

    /// Whether values of a parameter of that name are secret.
    public func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        if ByteSearch.firstIndex(of: UInt8(ascii: "%"), in: name) != nil {
            // What does not decode names nothing we know, but who knows what the origin makes of it.
            guard let decoded = PercentEncoding.decode([UInt8](name)) else { return true }
            return decoded.withUnsafeBytes { containsDecoded($0) }
        }
        return containsDecoded(name)
    }

    private func containsDecoded(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count <= Self.longest else { return false }
        return names[name.count].contains { secret in
            secret.withUnsafeBytes { ASCII.equalsIgnoringCase($0, name) }
        }
    }

    /// The query without its secrets: itself if it has none, else what was written to `scratch`, which is valid until that
    /// changes.
    ///
    /// A value that holds a query of its own, such as the address to return to, is cut where that begins.
    public func redacted(_ query: UnsafeRawBufferPointer, using scratch: inout GrowableBuffer) -> UnsafeRawBufferPointer
    {
        guard hasSecret(query) else { return query }
        scratch.removeAll()
        Self.forEachParameter(of: query) { parameter, nameEnd, separator in
            append(parameter, nameEnd: nameEnd, to: &scratch)
            if let separator { scratch.append(separator) }
            return true
        }
        return scratch.readable
    }

    private func hasSecret(_ query: UnsafeRawBufferPointer) -> Bool {
        var found = false
        Self.forEachParameter(of: query) { parameter, nameEnd, _ in
            found =
                contains(UnsafeRawBufferPointer(rebasing: parameter[..<nameEnd]))
                || Self.innerQuery(in: parameter) != nil
            return !found
        }
        return found
    }

    private func append(_ parameter: UnsafeRawBufferPointer, nameEnd: Int, to scratch: inout GrowableBuffer) {
        if contains(UnsafeRawBufferPointer(rebasing: parameter[..<nameEnd])) {
            scratch.append(UnsafeRawBufferPointer(rebasing: parameter[..<nameEnd]))
            scratch.append("=")
            scratch.append(Self.replacement)
        } else if let inner = Self.innerQuery(in: parameter) {
            scratch.append(UnsafeRawBufferPointer(rebasing: parameter[..<inner]))
            scratch.append(Self.replacement)
        } else {
            scratch.append(parameter)
        }
    }

    /// The address without credentials, secrets of its query, and fragment; see `redacted(_:using:)`.
    public func redacted(
        address: UnsafeRawBufferPointer, using scratch: inout GrowableBuffer
    ) -> UnsafeRawBufferPointer {
        let query = ByteSearch.firstIndex(of: UInt8(ascii: "?"), in: address)
        let hasUser = ByteSearch.firstIndex(of: UInt8(ascii: "@"), in: address) != nil
        let hasFragment = ByteSearch.firstIndex(of: UInt8(ascii: "#"), in: address) != nil
        if query == nil, !hasUser, !hasFragment { return address }
        let fragment = ByteSearch.firstIndex(of: UInt8(ascii: "#"), in: address) ?? address.count
        let whole = UnsafeRawBufferPointer(rebasing: address[..<fragment])
        let end = query.map { min($0, fragment) } ?? fragment
        var inner = GrowableBuffer()
        scratch.removeAll()
        appendWithoutUser(UnsafeRawBufferPointer(rebasing: whole[..<end]), to: &scratch)
        if end < whole.count {
            scratch.append(UInt8(ascii: "?"))
            scratch.append(redacted(UnsafeRawBufferPointer(rebasing: whole[(end + 1)...]), using: &inner))
        }
        return scratch.readable
    }

    /// `https://user:password@host/path` is written without what stands before the `@` of its host.
    private func appendWithoutUser(_ address: UnsafeRawBufferPointer, to scratch: inout GrowableBuffer) {
        let scheme: StaticString = "://"
        let start = scheme.withUTF8Buffer { ByteSearch.firstIndex(of: UnsafeRawBufferPointer($0), in: address) }
        let host = start.map { $0 + 3 } ?? 0
        let end = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: address, from: host) ?? address.count
        guard let at = address[host..<end].lastIndex(of: UInt8(ascii: "@")) else { return scratch.append(address) }
        scratch.append(UnsafeRawBufferPointer(rebasing: address[..<host]))
        scratch.append(UnsafeRawBufferPointer(rebasing: address[(at + 1)...]))
    }

    /// Where the query begins that lies in a parameter's value: behind a `?`, however often that is encoded.
    private static func innerQuery(in parameter: UnsafeRawBufferPointer) -> Int? {
        for index in parameter.indices {
            if parameter[index] == UInt8(ascii: "?") { return index + 1 }
            guard parameter[index] == UInt8(ascii: "3"), index > 0, index + 1 < parameter.count,
                ASCII.lowercased(parameter[index + 1]) == UInt8(ascii: "f"), isEscaped(parameter[..<index])
            else { continue }
            return index + 2
        }
        return nil
    }

    /// Whether the bytes end in `%`, `%25`, `%2525` and so on.
    private static func isEscaped(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = bytes
        while rest.count >= 3, rest.suffix(2).elementsEqual([UInt8(ascii: "2"), UInt8(ascii: "5")]) {
            rest = rest.dropLast(2)
        }
        return rest.last == UInt8(ascii: "%")
    }

    /// Calls `body` with each parameter, where its name ends and what separates it from the next one, until it returns false.
    private static func forEachParameter(
        of query: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int, UInt8?) -> Bool
    ) {
        var start = 0
        while start <= query.count {
            let end = query[start...].firstIndex { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") } ?? query.count
            let parameter = UnsafeRawBufferPointer(rebasing: query[start..<end])
            let nameEnd = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: parameter) ?? parameter.count
            if !body(parameter, nameEnd, end < query.count ? query[end] : nil) { return }
            start = end + 1
        }
    }
}
