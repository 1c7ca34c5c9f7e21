internal import EventLoop
internal import Synchronization

/// What a database may use; the defaults suit one origin on one machine.
public struct DatabaseOptions: Sendable {
    /// Connections that read at the same time, each with a thread (default 4).
    public var readers: Int
    /// How long a statement waits for another process's lock (default 5,000 ms).
    public var busyTimeoutMilliseconds: Int
    /// Calls that may wait for a thread before `BlockingPool.Overloaded` is thrown (default 4,096).
    public var queueLimit: Int
    /// Told the text of each statement before it runs, on the thread that runs it; nil by default, for tests and profiles.
    public var observer: (@Sendable (String) -> Void)?

    /// Options with the given values.
    public init(
        readers: Int = 4, busyTimeoutMilliseconds: Int = 5_000, queueLimit: Int = 4_096,
        observer: (@Sendable (String) -> Void)? = nil
    ) {
        self.readers = readers
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        self.queueLimit = queueLimit
        self.observer = observer
    }
}

/// One SQLite file in WAL mode: one writer, several readers, each on a thread of its own, away from the event loops.
///
/// `synchronous=FULL`: when `write` returns, the change is on the disk. A reader sees the snapshot of its first
/// statement and never waits for the writer.
public final class Database: Sendable {
    private let writer: IdleConnections
    private let readers: IdleConnections
    private let writerPool: BlockingPool
    private let readerPool: BlockingPool

    /// Opens or creates the file and applies what is missing of `migrations`.
    ///
    /// Blocks on the disk: never call it on a loop.
    /// Throws `newerDatabase` for a file a newer program wrote, `migrationMismatch` for an edited migration, and
    /// `cannotOpen`, `corrupt` or `busy` from SQLite; the file is then unchanged.
    public init(path: String, migrations: [Migration], options: DatabaseOptions = DatabaseOptions()) throws {
        let timeout = Int32(clamping: options.busyTimeoutMilliseconds)
        let writing = try Database.openWriter(path, timeout, migrations)
        writing.observer = options.observer
        var reading: [Connection] = []
        for _ in 0..<max(1, options.readers) {
            let connection = try Connection(path: path, writable: false, busyTimeoutMilliseconds: timeout)
            try connection.executeScript("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")
            connection.observer = options.observer
            reading.append(connection)
        }
        readerPool = try BlockingPool(name: "sqlite-read", threads: reading.count, queueLimit: options.queueLimit)
        writerPool = try BlockingPool(name: "sqlite-write", threads: 1, queueLimit: options.queueLimit)
        writer = IdleConnections([writing])
        readers = IdleConnections(reading)
    }

    /// Whoever reads why a start failed needs to know which file it was about.
    private static func openWriter(
        _ path: String, _ timeout: Int32, _ migrations: [Migration]
    ) throws -> Connection {
        do {
            let connection = try Connection(path: path, writable: true, busyTimeoutMilliseconds: timeout)
            try connection.executeScript(
                """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;
                """)
            try connection.migrate(migrations)
            return connection
        } catch let error as DatabaseError where !error.message.contains(path) {
            let hint = error.code == .corrupt ? "; restore the file from a backup, or move it away to begin anew" : ""
            throw DatabaseError(error.code, "\(path): \(error.message)\(hint)", sql: error.sql)
        }
    }

    /// Runs `body` on one snapshot, beside other readers and the writer.
    public func read<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let readers = self.readers
        return try await readerPool.run { try readers.use { try $0.transaction("BEGIN", body) } }
    }

    /// Runs `body` alone in a write transaction; returns once the commit is durable, or throws with nothing changed.
    public func write<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let writer = self.writer
        return try await writerPool.run { try writer.use { try $0.transaction("BEGIN IMMEDIATE", body) } }
    }
}

/// The connections no job is using; as many as the pool has threads, so a job always finds one.
private final class IdleConnections: Sendable {
    // A connection is in the list or in the hands of one job, never both: the lock hands it over whole.
    private struct Idle: @unchecked Sendable { var connection: Connection }

    private let idle: Mutex<[Idle]>

    init(_ connections: sending [Connection]) {
        idle = Mutex(connections.map { Idle(connection: $0) })
    }

    func use<R>(_ body: (Connection) throws -> R) throws -> R {
        guard let taken = idle.withLock({ $0.popLast() }) else {
            preconditionFailure("more database jobs run than there are connections")
        }
        defer { idle.withLock { $0.append(taken) } }
        return try body(taken.connection)
    }
}
