import EventLoop

/// Writes small databases in MaxMind's format, for tests: its version 2, a tree of IPv6 with IPv4 under `::/96`.
public struct CountryDatabaseFile {
    /// What is said of a network.
    public enum Value {
        /// `{"country": {"iso_code": …}}`, as MaxMind has it.
        case nested(String)
        /// `{"country_code": …}`, as IPinfo has it.
        case flat(String)
        /// An entry that says nothing of a country.
        case other
    }

    private static let bits = 128
    private static let marker: [UInt8] = [0xab, 0xcd, 0xef] + Array("MaxMind.com".utf8)

    private enum Record {
        case none
        case node(Int)
        case value(Int)
    }

    private var nodes: [(Record, Record)] = [(.none, .none)]
    private var data: [UInt8] = []

    /// An empty database.
    public init() {}

    /// Adds a network such as `127.0.0.0/8` or `2001:db8::/32`, which no other one covers or lies in. False if it is none.
    @discardableResult
    public mutating func add(_ network: String, _ value: Value) -> Bool {
        let parts = network.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]),
            let address = SocketAddress(ip: String(parts[0]), port: 0)?.ipBytes
        else { return false }
        let path = Array(repeating: 0, count: 16 - address.count) + address
        let depth = length + (16 - address.count) * 8
        guard (1...Self.bits).contains(depth) else { return false }
        let offset = data.count
        data += Self.entry(value)
        insert(path, depth, .value(offset))
        return true
    }

    private mutating func insert(_ path: [UInt8], _ depth: Int, _ record: Record) {
        var node = 0
        for bit in 0..<depth {
            let isRight = path[bit / 8] >> (7 - bit % 8) & 1 == 1
            if bit == depth - 1 {
                if isRight { nodes[node].1 = record } else { nodes[node].0 = record }
            } else if case .node(let next) = isRight ? nodes[node].1 : nodes[node].0 {
                node = next
            } else {
                nodes.append((.none, .none))
                let next = nodes.count - 1
                if isRight { nodes[node].1 = .node(next) } else { nodes[node].0 = .node(next) }
                node = next
            }
        }
    }

    /// The file.
    public var bytes: [UInt8] {
        var file: [UInt8] = []
        for (left, right) in nodes { file += bigEndian(left) + bigEndian(right) }
        file += Array(repeating: 0, count: 16) + data + Self.marker
        return file
            + Self.map([
                ("node_count", Self.unsigned(6, nodes.count)), ("record_size", Self.unsigned(5, 32)),
                ("ip_version", Self.unsigned(5, 6)), ("database_type", Self.text("Test-Country")),
                ("languages", [0, 4]), ("binary_format_major_version", Self.unsigned(5, 2)),
                ("binary_format_minor_version", Self.unsigned(5, 0)), ("build_epoch", [1, 2, 1]),
                ("description", Self.map([])),
            ])
    }

    private func bigEndian(_ record: Record) -> [UInt8] {
        let value =
            switch record {
            case .none: nodes.count
            case .node(let node): node
            case .value(let offset): nodes.count + 16 + offset
            }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func entry(_ value: Value) -> [UInt8] {
        switch value {
        case .nested(let code): map([("country", map([("iso_code", text(code))]))])
        case .flat(let code): map([("country_code", text(code))])
        case .other: map([("continent", map([("code", text("EU"))]))])
        }
    }

    private static func map(_ fields: [(String, [UInt8])]) -> [UInt8] {
        fields.reduce([7 << 5 | UInt8(fields.count)]) { $0 + text($1.0) + $1.1 }
    }

    /// Texts of up to 28 bytes hold their length in the first byte.
    private static func text(_ text: String) -> [UInt8] { [2 << 5 | UInt8(text.utf8.count)] + Array(text.utf8) }

    private static func unsigned(_ kind: UInt8, _ value: Int) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }.drop { $0 == 0 }
        return [kind << 5 | UInt8(bytes.count)] + bytes
    }
}
