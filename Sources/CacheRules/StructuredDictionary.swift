internal import Bytes
internal import HTTPWire

/// A dictionary of structured fields (RFC 8941 §3.2), read as strictly as that RFC wants it: one wrong byte and the whole
/// field counts for nothing.
///
/// Parameters are checked and dropped: no field read here gives them a meaning.
public struct StructuredDictionary: Sendable, Equatable {
    /// A bare item (RFC 8941 §3.3).
    public enum Item: Sendable, Equatable {
        /// At most fifteen digits and a sign.
        case integer(Int)
        /// A number with a point, in thousandths.
        case decimal(thousandths: Int)
        /// Quoted; without quotes and escapes.
        case string(String)
        /// Bare.
        case token(String)
        /// `:…:`, in base64.
        case bytes([UInt8])
        /// `?0` or `?1`, or a key alone.
        case boolean(Bool)
    }

    /// A member's value.
    public enum Value: Sendable, Equatable {
        /// One item.
        case item(Item)
        /// `( … )`.
        case list([Item])
    }

    private var members: [(key: String, value: Value)] = []

    /// Reads a field; several lines are joined by a comma first. Nil if it is not well-formed; an empty one has no member.
    ///
    /// Of a key given twice, the last value counts, in the place of the first.
    public init?(_ field: String) {
        var field = field
        guard let members = field.withUTF8({ StructuredReader(UnsafeRawBufferPointer($0)).dictionary() }) else {
            return nil
        }
        self.members = members
    }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// Calls `body` with each member, in order.
    public func forEach(_ body: (String, Value) -> Void) {
        for member in members { body(member.key, member.value) }
    }

    /// The value of a key.
    public subscript(key: String) -> Value? {
        members.first { $0.key == key }?.value
    }

    /// Whether both have the same members in the same order.
    public static func == (left: StructuredDictionary, right: StructuredDictionary) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }
}
