internal import Bytes
internal import Glibc

/// The journal that another process keeps, as last read; used under a lock.
///
/// A purge stands behind the last entry that was read, or makes the file longer, or comes in a file that takes its place. The
/// descriptor keeps the old file's inode from being another's.
final class FollowedJournal {
    /// What a look at the file brings.
    enum News {
        case none
        /// It cannot be read at the moment.
        case unreadable
        case contents(PurgeJournal.Contents)
    }

    private let directory: StoreDirectory
    private let name: String
    private var descriptor: Int32 = -1
    private var inode: UInt = 0
    private var size = 0
    /// Behind the last entry.
    private var end = 0

    /// Nothing of it is read yet.
    init(_ name: String, in directory: StoreDirectory) {
        self.name = name
        self.directory = directory
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Costs two system calls when there is nothing new.
    func news() -> News {
        var status = stat()
        guard stat(directory.file(name), &status) == 0 else { return .unreadable }
        if descriptor >= 0, UInt(status.st_ino) == inode, status.st_size == size, !hasEntry { return .none }
        return read()
    }

    private var hasEntry: Bool {
        var word: UInt32 = 0
        return pread(descriptor, &word, 4, end) > 0 && word != 0
    }

    private func read() -> News {
        let file = open(directory.file(name), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .unreadable }
        var status = stat()
        guard fstat(file, &status) == 0, let bytes = try? readAll(file, directory.file(name)),
            let contents = PurgeJournal.decode(bytes)
        else {
            close(file)
            return .unreadable
        }
        if descriptor >= 0 { close(descriptor) }
        (descriptor, inode, size, end) = (file, UInt(status.st_ino), Int(status.st_size), contents.end)
        return .contents(contents)
    }
}
