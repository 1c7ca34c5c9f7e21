internal import Bytes
internal import HTTPWire
internal import JSON

/// What a signed policy allows a browser's form to upload, and until when.
public struct PostPolicy: Sendable, Equatable {
    /// Something that must be true of a field of the form.
    public enum Condition: Sendable, Equatable {
        /// The field has exactly this value.
        case equals(field: String, String)
        /// The field begins so; an empty text allows anything.
        case startsWith(field: String, String)

        var field: String {
            switch self {
            case .equals(let field, _), .startsWith(let field, _): field
            }
        }

        func holds(_ value: String) -> Bool {
            switch self {
            case .equals(_, let expected): value.utf8.elementsEqual(expected.utf8)
            case .startsWith(_, let prefix): value.utf8.starts(with: prefix.utf8)
            }
        }
    }

    /// Why a form is not what the policy allows.
    public enum Violation: Error, Sendable, Equatable {
        /// The policy cannot be read.
        case malformed(String)
        /// It was good until then.
        case expired
        /// A condition does not hold, or a field has none.
        case condition(String)
    }

    /// Epoch seconds.
    public let expiresAt: Int64
    /// In the order of the policy; names in lower case.
    public let conditions: [Condition]
    /// Bytes that the file may have; anything without such a condition.
    public let fileBytes: ClosedRange<Int64>

    /// Fields that need no condition: those that prove the policy, and the file.
    private static let exempt: Set<String> = ["policy", "x-amz-signature", "file", "bucket"]

    /// Reads the text of a policy, decoded from base64.
    public init(_ bytes: [UInt8]) throws(Violation) {
        guard let root = try? JSONValue.parse(bytes).object else { throw .malformed("it is no JSON object") }
        guard let expiration = root["expiration"]?.string.flatMap({ ISO8601.parse($0) }) else {
            throw .malformed("its expiration is no time such as 2026-11-21T03:00:00.000Z")
        }
        guard let list = root["conditions"]?.array else { throw .malformed("it has no list of conditions") }
        var conditions: [Condition] = []
        var range: ClosedRange<Int64> = 0...Int64.max
        for value in list {
            if let length = try PostPolicy.lengthRange(value) {
                let (least, most) = (
                    max(range.lowerBound, length.lowerBound), min(range.upperBound, length.upperBound)
                )
                guard least <= most else { throw .malformed("no file has two lengths") }
                range = least...most
            } else {
                conditions += try PostPolicy.conditions(value)
            }
        }
        expiresAt = expiration
        self.conditions = conditions
        fileBytes = range
    }

    /// Holds the fields of a form, under lower-case names, against the policy; `bucket` is the one it was sent to.
    public func check(_ fields: [String: String], bucket: String, nowEpochSeconds now: Int64) throws(Violation) {
        guard now < expiresAt else { throw .expired }
        var fields = fields
        guard fields["bucket"] ?? bucket == bucket else { throw .condition("bucket") }
        fields["bucket"] = bucket
        for condition in conditions {
            guard let value = fields[condition.field], condition.holds(value) else { throw .condition(condition.field) }
        }
        let covered = Set(conditions.map(\.field)).union(PostPolicy.exempt)
        for name in fields.keys.sorted() where !covered.contains(name) && !name.hasPrefix("x-ignore-") {
            throw .condition(name)
        }
    }

    /// `["content-length-range", 1, 1048576]`; nil for another condition.
    private static func lengthRange(_ value: JSONValue) throws(Violation) -> ClosedRange<Int64>? {
        guard let parts = value.array, parts.first?.string.map({ ASCII.lowercased($0) }) == "content-length-range"
        else {
            return nil
        }
        guard parts.count == 3, let least = bytes(parts[1]), let most = bytes(parts[2]), 0 <= least, least <= most
        else {
            throw .malformed("a content-length-range needs two ascending numbers of bytes")
        }
        return least...most
    }

    private static func bytes(_ value: JSONValue) -> Int64? {
        value.integer ?? value.string.flatMap { ASCII.parseDecimal($0) }.flatMap { Int64(exactly: $0) }
    }

    private static func conditions(_ value: JSONValue) throws(Violation) -> [Condition] {
        if let object = value.object {
            var conditions: [Condition] = []
            for (name, value) in object.members {
                guard let text = value.string else { throw .malformed("the value of '\(name)' is no text") }
                conditions.append(.equals(field: ASCII.lowercased(name), text))
            }
            return conditions
        }
        guard let parts = value.array?.map(\.string), parts.count == 3, let kind = parts[0], let name = parts[1],
            let text = parts[2], name.hasPrefix("$")
        else { throw .malformed("a condition is neither an object nor three texts") }
        let field = ASCII.lowercased(String(name.dropFirst()))
        switch ASCII.lowercased(kind) {
        case "eq": return [.equals(field: field, text)]
        case "starts-with": return [.startsWith(field: field, text)]
        default: throw .malformed("'\(kind)' is no condition")
        }
    }
}
