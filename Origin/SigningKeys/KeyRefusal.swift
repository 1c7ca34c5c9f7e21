/// Why something is not done to a key, with the way out.
public struct KeyRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reasons as programs compare them.
    public enum Code: String, Sendable {
        /// There is no key with that id.
        case notFound = "key_not_found"
        /// The group has as many keys as edges may trust.
        case tooMany = "too_many_keys"
        /// It signs, so it cannot be retired.
        case signs = "key_signs"
        /// It is retired, so it cannot sign.
        case retired = "key_retired"
        /// It cannot sign: somebody else has its private half, or playback does not sign for its group.
        case cannotSign = "key_cannot_sign"
        /// Another key is about to sign.
        case rotating = "rotation_under_way"
        /// The public key cannot be used.
        case unusable = "key_unusable"
    }

    /// The reason.
    public let code: Code
    /// A sentence for people.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
