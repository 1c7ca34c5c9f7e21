internal import Bytes

/// The names under which the gateway is reached, before which a bucket's name may stand (virtual-host style).
public struct S3HostNames: Sendable {
    private let names: [String]

    /// Names without port, in any case. An address has no names before it, so one among them does nothing.
    public init(_ names: [String]) {
        // The longest first: of two that fit, the one that says more is meant.
        self.names = Set(names.map { ASCII.lowercased($0) }).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// The bucket that a `Host` field names; nil for path style.
    func bucket(ofHost field: String?) -> String? {
        guard let field else { return nil }
        let host = ASCII.lowercased(String(field.prefix { $0 != ":" }))
        guard !names.contains(host), let name = names.first(where: { host.hasSuffix(".\($0)") }) else { return nil }
        return String(host.dropLast(name.utf8.count + 1))
    }
}
