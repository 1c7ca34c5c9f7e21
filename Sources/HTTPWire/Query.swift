public import Bytes

/// The parameters of a query or of a form body, decoded and in order.
public struct Query: Sendable, Equatable {
    /// One parameter; `value` is nil when it has no `=`.
    public struct Item: Sendable, Equatable {
        /// The decoded name.
        public var name: String
        /// The decoded value.
        public var value: String?

        /// Takes both fields as they are.
        public init(name: String, value: String?) {
            self.name = name
            self.value = value
        }

        /// Compares bytes: Swift's strings call a Kelvin sign equal to a K, other readers of the query do not.
        func isNamed(_ other: String) -> Bool {
            name.utf8.elementsEqual(other.utf8)
        }
    }

    /// The parameters in order.
    public var items: [Item]

    /// Takes the parameters as they are.
    public init(items: [Item] = []) {
        self.items = items
    }

    /// Splits at `&`, then at the first `=`, then resolves escapes; nil if an escape is broken or the result not UTF-8.
    ///
    /// `+` stays `+` as in URLs signed with SigV4; with `plusIsSpace` it becomes a space, as HTML forms write it.
    public init?(_ raw: String, plusIsSpace: Bool = false) {
        var items: [Item] = []
        for part in raw.utf8.split(separator: UInt8(ascii: "&")) {
            let mark = part.firstIndex(of: UInt8(ascii: "="))
            guard let name = Query.decode(part[..<(mark ?? part.endIndex)], plusIsSpace) else { return nil }
            guard let mark else {
                items.append(Item(name: name, value: nil))
                continue
            }
            guard let value = Query.decode(part[part.index(after: mark)...], plusIsSpace) else { return nil }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }

    /// The value of the first parameter of that name; a parameter without `=` has the empty value.
    public func first(_ name: String) -> String? {
        items.first { $0.isNamed(name) }.map { $0.value ?? "" }
    }

    /// The values of all parameters of that name.
    public func values(_ name: String) -> [String] {
        items.filter { $0.isNamed(name) }.map { $0.value ?? "" }
    }

    /// Whether there is a parameter of that name.
    public func contains(_ name: String) -> Bool {
        items.contains { $0.isNamed(name) }
    }

    /// The query as text, everything but unreserved characters escaped.
    public var encoded: String {
        items.map { item in
            let name = PercentEncoding.encode(item.name)
            return item.value.map { name + "=" + PercentEncoding.encode($0) } ?? name
        }.joined(separator: "&")
    }

    /// Calls `body` with each parameter of a raw query in place, undecoded, until it returns false; allocates nothing.
    @inlinable
    public static func forEach(
        in raw: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool
    ) {
        var start = 0
        while start <= raw.count {
            let end = ByteSearch.firstIndex(of: UInt8(ascii: "&"), in: raw, from: start) ?? raw.count
            let part = UnsafeRawBufferPointer(rebasing: raw[start..<end])
            start = end + 1
            if part.isEmpty { continue }
            let mark = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: part)
            let name = UnsafeRawBufferPointer(rebasing: part[..<(mark ?? part.count)])
            let value = mark.map { UnsafeRawBufferPointer(rebasing: part[($0 + 1)...]) }
            if !body(name, value) { return }
        }
    }

    private static func decode(_ bytes: some Sequence<UInt8>, _ plusIsSpace: Bool) -> String? {
        let spaced = plusIsSpace ? bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 } : Array(bytes)
        return PercentEncoding.decode(spaced).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
