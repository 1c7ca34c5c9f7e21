internal import CLMDB
internal import Glibc

/// One LMDB file.
///
/// Opened once per process and path; closed when the last transaction is gone.
final class LMDBEnvironment: @unchecked Sendable {
    // Sendable: `env` is set once; LMDB's environment handle is thread-safe, and transactions guard themselves.
    let env: OpaquePointer
    let path: String

    /// Opens or creates the file at `path` (the lock file gets `-lock` appended).
    ///
    /// NOSYNC: the page cache survives the process, and after a power loss everything is verified. NOTLS: a reader slot
    /// belongs to a transaction, not a thread. NORDAHEAD: values are read whole. Without NOMEMINIT, so that what memory held
    /// before does not reach the disk in the unused parts of pages.
    init(path: String, mapBytes: Int, maxReaders: Int, namedDatabases: Int) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_env_create(&handle), "create an environment for", path)
        guard let handle else { throw StoreError(.system, "LMDB made no environment for \(path)") }
        let flags = UInt32(MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD)
        do throws(StoreError) {
            try check(mdb_env_set_mapsize(handle, mapBytes), "set the map size of", path)
            try check(mdb_env_set_maxreaders(handle, UInt32(maxReaders)), "size the reader table of", path)
            try check(mdb_env_set_maxdbs(handle, UInt32(namedDatabases)), "size the database table of", path)
            try check(mdb_env_open(handle, path, flags, 0o600), "open", path)
        } catch {
            mdb_env_close(handle)
            throw error
        }
        env = handle
        self.path = path
    }

    /// Opens the file at `path` without writing to it or its lock file: for one that no process has open.
    init(readingOnly path: String) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_env_create(&handle), "create an environment for", path)
        guard let handle else { throw StoreError(.system, "LMDB made no environment for \(path)") }
        let flags = UInt32(MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS)
        do throws(StoreError) {
            try check(mdb_env_set_maxdbs(handle, 4), "size the database table of", path)
            try check(mdb_env_open(handle, path, flags, 0o600), "open", path)
        } catch {
            mdb_env_close(handle)
            throw error
        }
        env = handle
        self.path = path
    }

    deinit { mdb_env_close(env) }

    /// Frees the reader slots of processes that died; returns how many there were.
    @discardableResult
    func checkReaders() -> Int {
        var dead: Int32 = 0
        mdb_reader_check(env, &dead)
        return Int(dead)
    }

    /// Waits until everything committed so far is on the disk.
    func sync() throws(StoreError) {
        try check(mdb_env_sync(env, 1), "flush", path)
    }

    /// Waits until everything committed so far to part of the file is on the disk; others who flush something meanwhile wait
    /// for that part only.
    ///
    /// A part that cannot be mapped is left to `sync`.
    func sync(_ part: Range<Int>) throws(StoreError) {
        guard let map = mmap(nil, part.count, PROT_READ, MAP_SHARED, descriptor, off_t(part.lowerBound)),
            map != MAP_FAILED
        else { return }
        defer { munmap(map, part.count) }
        if msync(map, part.count, MS_SYNC) != 0 { throw systemError("flush", path) }
    }

    /// The file, open for reading; it lives as long as the environment.
    var descriptor: Int32 {
        var descriptor: Int32 = -1
        return mdb_env_get_fd(env, &descriptor) == 0 ? descriptor : -1
    }

    /// Has part of the file read into the page cache, and waits for that; returns whether there is more behind it.
    ///
    /// A walk in key order fetches page by page from all over a file that is not in memory.
    func readIntoMemory(_ range: Range<Int>) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { buffer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = pread(
                    descriptor, buffer.baseAddress, min(buffer.count, range.upperBound - offset), off_t(offset))
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    /// Pages the file has ever used: its size, free pages included.
    var pagesInFile: Int {
        var info = MDB_envinfo()
        guard mdb_env_info(env, &info) == 0 else { return 0 }
        return Int(info.me_last_pgno) + 1
    }

    /// Entries of a database.
    func count(in database: LMDBDatabase) throws(StoreError) -> Int {
        let transaction = try ReadTransaction(self)
        return try transaction.withSnapshot { (snapshot) throws(StoreError) in try snapshot.count(in: database) }
    }

    /// Bytes the map may grow to.
    var mapBytes: Int {
        var info = MDB_envinfo()
        guard mdb_env_info(env, &info) == 0 else { return 0 }
        return Int(info.me_mapsize)
    }

    /// Handle of a database, created if it is not there; `nil` names the main one.
    ///
    /// Not while another write runs.
    func database(named name: String?) throws(StoreError) -> LMDBDatabase {
        let transaction = try WriteTransaction(self)
        var dbi: MDB_dbi = 0
        try check(mdb_dbi_open(transaction.handle, name, UInt32(MDB_CREATE), &dbi), "open a database in", path)
        try transaction.commit()
        return LMDBDatabase(dbi: dbi)
    }
}

extension LMDBEnvironment {
    /// Handle of a database, or `nil` if there is none of this name; `nil` names the main one.
    func existingDatabase(named name: String?) throws(StoreError) -> LMDBDatabase? {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(env, nil, UInt32(MDB_RDONLY), &transaction), "begin reading", path)
        guard let transaction else { throw StoreError(.system, "LMDB began no transaction on \(path)") }
        var dbi: MDB_dbi = 0
        let code = mdb_dbi_open(transaction, name, 0, &dbi)
        if code != 0 { mdb_txn_abort(transaction) }
        if code == MDB_NOTFOUND { return nil }
        try check(code, "open a database in", path)
        // Only a committed transaction leaves the handle open.
        try check(mdb_txn_commit(transaction), "open a database in", path)
        return LMDBDatabase(dbi: dbi)
    }
}

/// Handle of one B-tree inside an environment.
struct LMDBDatabase: Sendable {
    let dbi: UInt32
}

/// Turns LMDB's return code into an error that names what was tried.
func check(_ code: Int32, _ action: String, _ path: String) throws(StoreError) {
    if code != 0 { throw lmdbError(code, action, path) }
}

func lmdbError(_ code: Int32, _ action: String, _ path: String) -> StoreError {
    let reason = String(cString: mdb_strerror(code))
    let kind: StoreError.Code =
        switch code {
        case MDB_MAP_FULL, MDB_TXN_FULL, ENOSPC, EDQUOT: .full
        case MDB_READERS_FULL: .readersFull
        case MDB_PANIC, MDB_CORRUPTED, MDB_PAGE_NOTFOUND: .damaged
        case MDB_VERSION_MISMATCH, MDB_INVALID: .format
        default: .system
        }
    return StoreError(kind, "could not \(action) \(path): \(reason)", number: code)
}
