public import Bytes
internal import CLinux
internal import Glibc

/// An IPv4 or IPv6 address with a port, as a small value that hashes and compares without touching the kernel.
///
/// IPv4 addresses that arrive mapped into IPv6 (`::ffff:192.0.2.1`) are turned back into IPv4, so an address has one form.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The kind of address.
    public enum Family: Sendable, Hashable {
        case ipv4
        case ipv6
    }

    /// The kind of address.
    public let family: Family
    /// The port in host order.
    public var port: UInt16
    /// The interface index of a link-local IPv6 address, else 0.
    public let scope: UInt32
    /// The address in network order: all 16 bytes, or the first 4.
    private let high: UInt64
    private let low: UInt64

    /// Takes 4 or 16 bytes in network order; nil for any other count.
    public init?(ipBytes: some Collection<UInt8>, port: UInt16, scope: UInt32 = 0) {
        let bytes = Array(ipBytes)
        self.port = port
        switch bytes.count {
        case 4:
            family = .ipv4
            self.scope = 0
            high = Self.word(bytes[...]) << 32
            low = 0
        case 16:
            let first = Self.word(bytes[..<8])
            let second = Self.word(bytes[8...])
            if first == 0 && second >> 32 == 0xffff {
                family = .ipv4
                self.scope = 0
                high = second << 32
                low = 0
            } else {
                family = .ipv6
                self.scope = scope
                high = first
                low = second
            }
        default:
            return nil
        }
    }

    /// Reads a numeric address such as `127.0.0.1` or `::1`; names are the `Resolver`'s work.
    public init?(ip: String, port: UInt16) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, ip, &bytes) == 1 {
            self.init(ipBytes: bytes[..<4], port: port)
        } else if inet_pton(AF_INET6, ip, &bytes) == 1 {
            self.init(ipBytes: bytes, port: port)
        } else {
            return nil
        }
    }

    /// Reads `127.0.0.1:8080` or `[::1]:8080`.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.init(ip: String(host.dropFirst().dropLast()), port: port)
            guard family == .ipv6 else { return nil }
        } else {
            guard !host.contains(":") else { return nil }
            self.init(ip: String(host), port: port)
        }
    }

    init?(_ storage: sockaddr_storage) {
        let address: SocketAddress? = withUnsafeBytes(of: storage) { raw in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let address = raw.loadUnaligned(as: sockaddr_in.self)
                return withUnsafeBytes(of: address.sin_addr) {
                    SocketAddress(ipBytes: $0, port: UInt16(bigEndian: address.sin_port))
                }
            case AF_INET6:
                let address = raw.loadUnaligned(as: sockaddr_in6.self)
                return withUnsafeBytes(of: address.sin6_addr) {
                    SocketAddress(
                        ipBytes: $0, port: UInt16(bigEndian: address.sin6_port), scope: address.sin6_scope_id)
                }
            default:
                return nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    /// The loopback address `127.0.0.1`.
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, port: port, scope: 0, high: 0x7f00_0001 << 32, low: 0)
    }

    private init(family: Family, port: UInt16, scope: UInt32, high: UInt64, low: UInt64) {
        self.family = family
        self.port = port
        self.scope = scope
        self.high = high
        self.low = low
    }

    /// The address alone, 4 or 16 bytes in network order.
    public var ipBytes: [UInt8] {
        withNetworkOrder { Array($0) }
    }

    /// The address alone, for example `127.0.0.1` or `::1`.
    public var ip: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            String(decoding: UnsafeRawBufferPointer(text)[..<writeIP(to: text)], as: UTF8.self)
        }
    }

    /// Appends what `description` says.
    public func append(to buffer: inout GrowableBuffer) {
        if family == .ipv6 { buffer.append(UInt8(ascii: "[")) }
        appendIP(to: &buffer)
        if family == .ipv6 { buffer.append(UInt8(ascii: "]")) }
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: Int(port))
    }

    /// Appends what `ip` says; IPv4 addresses, which most log lines hold, without a library call.
    public func appendIP(to buffer: inout GrowableBuffer) {
        if family == .ipv4 {
            for shift in stride(from: UInt64(56), through: 32, by: -8) {
                if shift < 56 { buffer.append(UInt8(ascii: ".")) }
                buffer.append(decimal: high >> shift & 255)
            }
        } else {
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                buffer.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<writeIP(to: text)]))
            }
        }
    }

    private func withNetworkOrder<Result>(_ body: (Slice<UnsafeRawBufferPointer>) -> Result) -> Result {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { body($0[..<(family == .ipv4 ? 4 : 16)]) }
    }

    /// Writes the address alone; returns how many bytes that took.
    private func writeIP(to text: UnsafeMutableBufferPointer<CChar>) -> Int {
        withNetworkOrder { bytes in
            let family = family == .ipv4 ? AF_INET : AF_INET6
            let address = UnsafeRawBufferPointer(rebasing: bytes).baseAddress
            guard let base = text.baseAddress, inet_ntop(family, address, base, socklen_t(text.count)) != nil else {
                return 0
            }
            return strlen(base)
        }
    }

    /// Whether only this machine can reach the address.
    public var isLoopback: Bool {
        family == .ipv4 ? high >> 56 == 127 : high == 0 && low == 1
    }

    /// What a person reads in logs and errors.
    public var description: String {
        var buffer = GrowableBuffer(capacity: 64)
        append(to: &buffer)
        return String(decoding: buffer.readable, as: UTF8.self)
    }

    var domain: Int32 { family == .ipv4 ? AF_INET : AF_INET6 }

    func withStorage<Result>(_ body: (UnsafePointer<sockaddr_storage>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let count: Int = withUnsafeMutableBytes(of: &storage) { raw in
            switch family {
            case .ipv4:
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                address.sin_addr.s_addr = UInt32(truncatingIfNeeded: high >> 32).bigEndian
                raw.storeBytes(of: address, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            case .ipv6:
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = port.bigEndian
                address.sin6_scope_id = scope
                withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: ipBytes) }
                raw.storeBytes(of: address, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            }
        }
        return body(&storage, socklen_t(count))
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
