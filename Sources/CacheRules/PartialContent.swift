internal import Bytes
public import HTTPWire

/// When parts of a response may be put together (RFC 9111 §3.4, RFC 9110 §15.3.7.3).
///
/// A weak validator, a date or none at all cannot tell two versions of the same bytes apart, so only a strong entity tag
/// will do, and the whole must have the same known length.
public enum PartialContent {
    /// What a 206 says about the part it brings.
    public struct Part: Sendable, Equatable {
        /// Which bytes.
        public let range: ByteRange
        /// Bytes of the whole.
        public let completeLength: Int
        /// The strong entity tag of the whole.
        public let entityTag: EntityTag

        /// Nil if the head leaves something open that must be known to combine or store it.
        public init?(status: HTTPStatus, headers: Headers) {
            guard status == .partialContent, headers.values("Content-Range").count == 1,
                let value = headers.first("Content-Range"),
                case .part(let range, completeLength: .some(let length)) = ContentRange(value),
                let tag = headers.first("ETag").flatMap({ EntityTag(fieldValue: $0) }), !tag.isWeak
            else { return nil }
            if let stated = headers.first("Content-Length").map({ ASCII.parseDecimal($0) }),
                stated != UInt64(range.count)
            {
                return nil
            }
            self.range = range
            completeLength = length
            entityTag = tag
        }
    }

    /// Whether two parts are of one and the same representation.
    public static func mayCombine(_ first: Part, _ second: Part) -> Bool {
        first.completeLength == second.completeLength && first.entityTag.matchesStrongly(second.entityTag)
    }

    /// Whether a 200 that arrived in place of a part, or is stored beside parts, is the representation those are of.
    public static func isWhole(of part: Part, entityTag: EntityTag, length: Int) -> Bool {
        part.completeLength == length && part.entityTag.matchesStrongly(entityTag)
    }
}
