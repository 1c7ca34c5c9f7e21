import Bytes
import HTTPServer
import HTTPWire

/// This process's name in `CDN-Loop` (RFC 8586): a request that comes back to it would wait for itself.
///
/// The name is drawn at every start, so that edges which ask each other need not be told apart by hand.
struct LoopMark: Sendable, Equatable {
    /// A token.
    let name: String

    /// Caches a request may have passed: enough for tiers, too few for a loop among edges that restart.
    static let mostHops = 8
    static let field = "CDN-Loop"

    init(random: UInt64) {
        let digits = String(random, radix: 16)
        name = "weir-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether a request with these `CDN-Loop` values must not be sent on.
    func isLoop(_ values: [String]) -> Bool {
        let hops = values.flatMap { $0.split(separator: ",") }.map { hop in
            ASCII.trimmed(hop.prefix { $0 != ";" })
        }
        return hops.count > Self.mostHops || hops.contains { ASCII.equalsIgnoringCase(String($0), name) }
    }
}

extension Exchange {
    /// The values of all `CDN-Loop` lines.
    var loopMarks: [String] {
        let bytes = headBytes
        return head.fields.filter { $0.known == .cdnLoop }.map { $0.value.string(in: bytes) }
    }
}
