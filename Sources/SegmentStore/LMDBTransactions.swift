internal import CLMDB

/// A read snapshot that is parked between uses.
///
/// Renewing costs 14 ns; it is never left open across a socket wait, because a pinned snapshot makes the file grow
/// without bound.
struct ReadTransaction: ~Copyable {
    private let handle: OpaquePointer
    private let environment: LMDBEnvironment

    /// Takes a reader slot and parks it.
    ///
    /// A full reader table is looked through once for slots of processes that died. Throws `.readersFull`.
    init(_ environment: LMDBEnvironment) throws(StoreError) {
        var handle: OpaquePointer?
        var code = mdb_txn_begin(environment.env, nil, UInt32(MDB_RDONLY), &handle)
        if code == MDB_READERS_FULL, environment.checkReaders() > 0 {
            code = mdb_txn_begin(environment.env, nil, UInt32(MDB_RDONLY), &handle)
        }
        try check(code, "begin reading", environment.path)
        guard let handle else { throw StoreError(.system, "LMDB began no transaction on \(environment.path)") }
        mdb_txn_reset(handle)
        self.handle = handle
        self.environment = environment
    }

    deinit { mdb_txn_abort(handle) }

    /// Runs `body` on a snapshot of now.
    ///
    /// The pointers it sees are valid until it returns.
    @available(*, noasync)
    func withSnapshot<R>(_ body: (Snapshot) throws(StoreError) -> R) throws(StoreError) -> R {
        try check(mdb_txn_renew(handle), "renew a reader of", environment.path)
        defer { mdb_txn_reset(handle) }
        return try body(Snapshot(handle: handle, path: environment.path))
    }
}

/// The open state of a read transaction; lives inside one closure.
struct Snapshot {
    fileprivate let handle: OpaquePointer
    fileprivate let path: String

    /// The value of `key` in the map, or `nil`.
    func value(of key: UnsafeRawBufferPointer, in database: LMDBDatabase) throws(StoreError) -> UnsafeRawBufferPointer?
    {
        try lmdbGet(handle, key, database, path)
    }

    /// Entries of a database.
    func count(in database: LMDBDatabase) throws(StoreError) -> Int {
        var stat = MDB_stat()
        try check(mdb_stat(handle, database.dbi, &stat), "count", path)
        return stat.ms_entries
    }

    /// The last key, or `nil` if there is none.
    func lastKey(in database: LMDBDatabase) throws(StoreError) -> [UInt8]? {
        try key(at: MDB_LAST, in: database).map { [UInt8](UnsafeRawBufferPointer($0)) }
    }

    /// Where the file's first byte is in memory; the same as long as the environment is open. `nil` if there is no entry.
    ///
    /// LMDB does not tell, but a key lies in a page, and a page begins with its number.
    func mapStart(in database: LMDBDatabase) throws(StoreError) -> UnsafeRawPointer? {
        guard let address = try key(at: MDB_FIRST, in: database)?.mv_data else { return nil }
        let page = UnsafeRawPointer(address).alignedDown(toMultipleOf: SizeClass.pageBytes)
        return page - Int(page.load(as: UInt64.self)) * SizeClass.pageBytes
    }

    /// The key at one end of the order, in the map, or `nil` if there is no entry.
    private func key(at end: MDB_cursor_op, in database: LMDBDatabase) throws(StoreError) -> MDB_val? {
        var cursor: OpaquePointer?
        try check(mdb_cursor_open(handle, database.dbi, &cursor), "open a cursor on", path)
        guard let cursor else { return nil }
        defer { mdb_cursor_close(cursor) }
        var key = MDB_val()
        var data = MDB_val()
        let code = mdb_cursor_get(cursor, &key, &data, end)
        if code == MDB_NOTFOUND { return nil }
        try check(code, "walk", path)
        return key
    }

    /// Visits entries in key order, from `start` (inclusive) if given, until `body` returns false.
    func forEach(
        in database: LMDBDatabase, from start: [UInt8]? = nil,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) {
        var cursor: OpaquePointer?
        try check(mdb_cursor_open(handle, database.dbi, &cursor), "open a cursor on", path)
        guard let cursor else { return }
        defer { mdb_cursor_close(cursor) }
        var data = MDB_val()
        var key = MDB_val()
        var code: Int32
        if var start {
            code = start.withUnsafeMutableBytes { bytes in
                key = MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
                return mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE)
            }
        } else {
            code = mdb_cursor_get(cursor, &key, &data, MDB_FIRST)
        }
        while code == 0 {
            guard body(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(data)) else { return }
            code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)
        }
        if code != MDB_NOTFOUND { throw lmdbError(code, "walk", path) }
    }
}

/// The one writer of an environment.
///
/// Dropping it undoes everything.
struct WriteTransaction: ~Copyable {
    let handle: OpaquePointer
    private let environment: LMDBEnvironment
    private var isOpen = true

    /// Waits for the environment's write lock, which only the writer thread takes while the store is open.
    init(_ environment: LMDBEnvironment) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_txn_begin(environment.env, nil, 0, &handle), "begin writing", environment.path)
        guard let handle else { throw StoreError(.system, "LMDB began no transaction on \(environment.path)") }
        self.handle = handle
        self.environment = environment
    }

    deinit { if isOpen { mdb_txn_abort(handle) } }

    /// Makes everything visible at once.
    ///
    /// LMDB ends the transaction even if this fails.
    @available(*, noasync)
    consuming func commit() throws(StoreError) {
        isOpen = false
        try check(mdb_txn_commit(handle), "commit to", environment.path)
    }

    /// The value of `key`, valid until the next change.
    func value(of key: UnsafeRawBufferPointer, in database: LMDBDatabase) throws(StoreError) -> UnsafeRawBufferPointer?
    {
        try lmdbGet(handle, key, database, environment.path)
    }

    /// A copy of the value of the text `name`.
    func value(ofName name: String, in database: LMDBDatabase) throws(StoreError) -> [UInt8]? {
        let key = Array(name.utf8)
        let handle = handle
        let path = environment.path
        return try key.withRawBytes { (key) throws(StoreError) in
            try lmdbGet(handle, key, database, path).map { [UInt8]($0) }
        }
    }

    /// Stores `count` bytes under `key`; `fill` writes them where they will stay.
    func put(
        _ key: UnsafeRawBufferPointer, in database: LMDBDatabase, count: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StoreError) {
        var mdbKey = MDB_val(key)
        var data = MDB_val(mv_size: count, mv_data: nil)
        try check(
            mdb_put(handle, database.dbi, &mdbKey, &data, UInt32(MDB_RESERVE)), "write to", environment.path)
        fill(UnsafeMutableRawBufferPointer(start: data.mv_data, count: data.mv_size))
    }

    /// Stores `value` under `key`.
    func put(_ key: [UInt8], in database: LMDBDatabase, _ value: [UInt8]) throws(StoreError) {
        try key.withRawBytes { (key) throws(StoreError) in
            try put(key, in: database, count: value.count) { target in target.copyBytes(from: value) }
        }
    }

    /// Removes `key`; returns whether it was there.
    @discardableResult
    func delete(_ key: UnsafeRawBufferPointer, in database: LMDBDatabase) throws(StoreError) -> Bool {
        var mdbKey = MDB_val(key)
        let code = mdb_del(handle, database.dbi, &mdbKey, nil)
        if code == MDB_NOTFOUND { return false }
        try check(code, "delete from", environment.path)
        return true
    }
}

private func lmdbGet(
    _ handle: OpaquePointer, _ key: UnsafeRawBufferPointer, _ database: LMDBDatabase, _ path: String
) throws(StoreError) -> UnsafeRawBufferPointer? {
    var mdbKey = MDB_val(key)
    var data = MDB_val()
    let code = mdb_get(handle, database.dbi, &mdbKey, &data)
    if code == MDB_NOTFOUND { return nil }
    try check(code, "read", path)
    return UnsafeRawBufferPointer(data)
}

extension MDB_val {
    /// LMDB takes keys as mutable pointers but never writes through them.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate init(_ value: MDB_val) {
        self.init(start: value.mv_data, count: value.mv_size)
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with a typed error.
    func withRawBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> R) throws(StoreError) -> R {
        let result: Result<R, StoreError> = withUnsafeBytes { bytes in
            do throws(StoreError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
