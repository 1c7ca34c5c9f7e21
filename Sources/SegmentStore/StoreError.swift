/// Why the store could not be opened, or why one operation failed.
///
/// A miss, a purge and a full queue are results, not errors.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a caller may want to tell apart; more may be added.
    public struct Code: Sendable, Hashable {
        private let name: StaticName

        private enum StaticName { case inUse, system, format, options, full, closed, damaged, readersFull }

        /// Another process holds the directory.
        public static let inUse = Code(name: .inUse)
        /// The kernel or LMDB refused; `number` says which error.
        public static let system = Code(name: .system)
        /// The directory was written by an incompatible version.
        public static let format = Code(name: .format)
        /// An option is out of its range.
        public static let options = Code(name: .options)
        /// No room: disk, map or transaction.
        public static let full = Code(name: .full)
        /// The store was closed.
        public static let closed = Code(name: .closed)
        /// Every slot of a reader table is taken: too many readers at once.
        public static let readersFull = Code(name: .readersFull)
        /// LMDB declared the environment unusable until it is opened again.
        public static let damaged = Code(name: .damaged)
    }

    /// The kind.
    public let code: Code
    /// For people: what was tried, on what, and the way out.
    public let description: String
    /// `errno`, or LMDB's own negative number; 0 if neither applies.
    public let number: Int32

    /// Takes all three as they are.
    public init(_ code: Code, _ description: String, number: Int32 = 0) {
        self.code = code
        self.description = description
        self.number = number
    }
}
