internal import Glibc

/// The journal's file, open for appending.
///
/// Behind the last entry lies room: zeros that are on the disk already. An entry that takes their place changes neither the
/// file's length nor which blocks are its own, so flushing it is one write to the disk. An entry that made the file longer
/// would wait for the journal of the file system, with all that others flush at the time, and for the thread that writes it.
final class PurgeJournalFile: @unchecked Sendable {
    // Sendable because the ledger uses it with its lock held, and nobody else does.

    private let descriptor: Int32
    private let path: String
    /// Where the next entry begins; how long the file would be without room.
    private(set) var end: Int
    /// Of the file.
    private var length: Int

    private static let roomBytes = 256 << 10

    /// Replaces the file by one with `content` and, with `hasRoom` and unless the disk is full, room behind it.
    init(replacing name: String, in directory: StoreDirectory, with content: [UInt8], hasRoom: Bool)
        throws(StoreError)
    {
        path = directory.file(name)
        end = content.count
        var isWritten = false
        if hasRoom {
            let room = [UInt8](repeating: 0, count: PurgeJournalFile.roomBytes)
            isWritten = (try? directory.replaceFile(name, with: content + room)) != nil
        }
        if !isWritten { try directory.replaceFile(name, with: content) }
        length = isWritten ? end + PurgeJournalFile.roomBytes : end
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        if descriptor < 0 { throw systemError("open", path) }
    }

    deinit { close(descriptor) }

    /// Appends and flushes. Of an entry that fails nothing stays.
    func append(_ entry: [UInt8]) throws(StoreError) {
        let next = end + entry.count
        do throws(StoreError) {
            try write(entry, at: end)
            if next > length { makeRoom(at: next) }
            if fdatasync(descriptor) != 0 { throw systemError("flush", path) }
        } catch {
            cut(to: end)
            throw error
        }
        end = next
    }

    /// Without it purges take longer, and that is all.
    private func makeRoom(at next: Int) {
        do throws(StoreError) {
            try write([UInt8](repeating: 0, count: PurgeJournalFile.roomBytes), at: next)
            length = next + PurgeJournalFile.roomBytes
        } catch {
            cut(to: next)
        }
    }

    private func cut(to length: Int) {
        ftruncate(descriptor, length)
        self.length = length
    }

    private func write(_ bytes: [UInt8], at start: Int) throws(StoreError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset, start + offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw systemError("write", path) }
            offset += count
        }
    }
}
