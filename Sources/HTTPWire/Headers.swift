internal import Bytes

/// Header fields with owned names and values, in order; names compare without regard to case.
///
/// For everything that may allocate: the async lane, the client, the origin. Adding a field whose name is no token or
/// whose value holds a control character is refused (`false`), so a value that came from a stranger cannot split a head.
public struct Headers: Sendable {
    /// One field.
    public struct Field: Sendable, Hashable {
        /// The name as given.
        public let name: String
        /// The value as given.
        public let value: String
    }

    private var storage: [Field] = []

    /// No fields.
    public init() {}

    /// The fields of a parsed head, copied.
    ///
    /// Bytes that are not UTF-8 become U+FFFD.
    public init(_ fields: [HeadField], in bytes: UnsafeRawBufferPointer) {
        storage = fields.map { Field(name: $0.name.string(in: bytes), value: $0.value.string(in: bytes)) }
    }

    /// Appends a field, keeping others of the same name.
    @discardableResult
    public mutating func add(_ name: String, _ value: String) -> Bool {
        guard Headers.isAcceptable(name, value) else { return false }
        storage.append(Field(name: name, value: value))
        return true
    }

    /// Makes this the only field of its name, in the place of the first one.
    @discardableResult
    public mutating func set(_ name: String, _ value: String) -> Bool {
        guard Headers.isAcceptable(name, value) else { return false }
        guard let position = storage.firstIndex(where: { ASCII.equalsIgnoringCase($0.name, name) }) else {
            storage.append(Field(name: name, value: value))
            return true
        }
        storage[position] = Field(name: name, value: value)
        let rest = storage[(position + 1)...].filter { !ASCII.equalsIgnoringCase($0.name, name) }
        storage.replaceSubrange((position + 1)..., with: rest)
        return true
    }

    /// Removes every field of that name.
    public mutating func remove(_ name: String) {
        storage.removeAll { ASCII.equalsIgnoringCase($0.name, name) }
    }

    /// The value of the first field of that name.
    public func first(_ name: String) -> String? {
        storage.first { ASCII.equalsIgnoringCase($0.name, name) }?.value
    }

    /// The values of all fields of that name, in order.
    public func values(_ name: String) -> [String] {
        storage.filter { ASCII.equalsIgnoringCase($0.name, name) }.map(\.value)
    }

    /// The values of all fields of that name joined by `, `, as a recipient may read them (RFC 9110 §5.2).
    public func joined(_ name: String) -> String? {
        let values = values(name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Whether there is a field of that name.
    public func contains(_ name: String) -> Bool {
        storage.contains { ASCII.equalsIgnoringCase($0.name, name) }
    }

    /// The value of the first field of that name; assigning replaces all of them, nil removes.
    public subscript(name: String) -> String? {
        get { first(name) }
        set {
            if let newValue { set(name, newValue) } else { remove(name) }
        }
    }

    private static func isAcceptable(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(HTTPToken.contains) && value.utf8.allSatisfy(HTTPToken.isFieldContent)
    }
}

extension Headers: RandomAccessCollection {
    /// Index of the first field.
    public var startIndex: Int { storage.startIndex }
    /// Index behind the last field.
    public var endIndex: Int { storage.endIndex }
    /// The field at that place.
    public subscript(position: Int) -> Field { storage[position] }
}

extension Headers: Equatable, ExpressibleByDictionaryLiteral {
    /// Fields written in source; one that is not acceptable is the caller's bug and traps.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements {
            precondition(add(name, value), "not a header field: \(name)")
        }
    }
}
