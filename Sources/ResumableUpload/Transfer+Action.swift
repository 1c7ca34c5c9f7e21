extension Transfer {
    /// A stretch of the file.
    public struct Part: Sendable, Equatable {
        /// From 1; of a small file there is only this one.
        public var number: Int
        /// Its bytes in the file.
        public var range: Range<Int64>
    }

    /// What is to be done; whatever takes time ends in an event.
    public enum Action: Sendable, Equatable {
        /// PUT the part; `sent` or `failed` follows.
        case send(Part, url: String)
        /// Make the MD5 of a part that the origin has; `digested` follows.
        case digest(Part)
        /// Wait, then ask the origin what it has; `answered`, `hasCome` or `askingFailed` follows.
        case ask(after: Duration)
        /// POST the list of the parts' MD5s; `completed` or `completionFailed` follows.
        case complete(url: String, md5s: [String])
        /// Nothing until something that was begun ends.
        case wait
        /// The file is whole at the origin.
        case finished
        /// It is not, and this command leaves it at that.
        case giveUp(GivingUp)
    }

    /// Why something did not work.
    public struct Failure: Error, Sendable, Equatable {
        /// What can be done about it.
        public enum Kind: Sendable {
            /// The same may work later, with another URL if need be.
            case passing
            /// It would fail again.
            case lasting
        }

        /// What can be done about it.
        public var kind: Kind
        /// For people, without a full stop.
        public var reason: String

        /// A failure with its reason.
        public init(_ kind: Kind, _ reason: String) {
            self.kind = kind
            self.reason = reason
        }
    }

    /// Why it was left.
    public struct GivingUp: Sendable, Equatable {
        /// The last failure's reason.
        public var reason: String
        /// Whether the same command may get further later.
        public var isWorthRepeating: Bool
    }
}
