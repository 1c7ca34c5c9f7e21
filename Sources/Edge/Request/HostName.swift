/// The host of a `Host` field or `:authority`.
enum HostName {
    /// The name or bracketed address without its port, ready for a URL; nil if it holds anything a host cannot.
    static func withoutPort(_ authority: String) -> String? {
        var host = authority[...]
        let isAddress = host.hasPrefix("[")
        if let end = isAddress ? host.firstIndex(of: "]") : host.firstIndex(of: ":") {
            host = isAddress ? host[...end] : host[..<end]
        }
        let allowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"): isAddress
            default: false
            }
        }
        return !host.isEmpty && host.utf8.allSatisfy(allowed) ? String(host) : nil
    }
}
