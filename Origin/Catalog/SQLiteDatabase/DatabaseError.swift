/// Why a database call failed, with the SQL that failed and never the values bound to it.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a caller may act on.
    public struct Code: Sendable, Equatable, CustomStringConvertible {
        /// The code's name, as it appears in logs.
        public let description: String

        init(_ description: String) { self.description = description }

        /// Another process held the write lock longer than the busy timeout.
        public static let busy = Code("busy")
        /// A UNIQUE or PRIMARY KEY constraint refused the row.
        public static let uniqueViolation = Code("uniqueViolation")
        /// A FOREIGN KEY constraint refused the change.
        public static let foreignKeyViolation = Code("foreignKeyViolation")
        /// A NOT NULL or CHECK constraint refused the row.
        public static let constraintViolation = Code("constraintViolation")
        /// The disk is full; the transaction was rolled back.
        public static let diskFull = Code("diskFull")
        /// The disk failed to read or write; the transaction was rolled back.
        public static let inputOutput = Code("inputOutput")
        /// The file is damaged or is no SQLite database.
        public static let corrupt = Code("corrupt")
        /// The file or its folder cannot be opened or written.
        public static let cannotOpen = Code("cannotOpen")
        /// The database was written by a newer Weir.
        public static let newerDatabase = Code("newerDatabase")
        /// A migration that was applied reads differently now, or the list has a gap.
        public static let migrationMismatch = Code("migrationMismatch")
        /// A column holds another type, or NULL, where the reader asked for a value.
        public static let unexpectedType = Code("unexpectedType")
        /// Anything else SQLite reports; `message` has its words.
        public static let other = Code("other")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in SQLite's or Weir's words; names tables and columns, never values.
    public let message: String
    /// The statement with its `?` marks, when there was one.
    public let sql: String?

    /// Makes an error; `sql` must be the text with its parameter marks.
    public init(_ code: Code, _ message: String, sql: String? = nil) {
        self.code = code
        self.message = message
        self.sql = sql
    }

    /// One line for a log.
    public var description: String {
        guard let sql else { return "\(code): \(message)" }
        let flat = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return "\(code): \(message) (in: \(flat))"
    }
}
