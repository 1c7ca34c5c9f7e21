internal import Glibc

/// Whole small files such as configuration documents, keys and what supervisors leave for others.
///
/// Blocking: not for an event loop's thread after start-up.
public enum File {
    /// Reads a file.
    ///
    /// - Throws: `FileError` naming the path and the system's reason.
    public static func read(_ path: String) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, operation: "open", errno: errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path: path, operation: "read", errno: errno) }
            if count == 0 { return content }
            content.append(contentsOf: block[..<count])
        }
    }

    /// Replaces a file so that a reader sees the old or the new content, never a part, also after a power loss.
    ///
    /// - Parameter mode: permission bits of the new file, such as `0o600`.
    public static func writeAtomically(_ content: [UInt8], to path: String, mode: UInt32) throws(FileError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(path: temporary, operation: "create", errno: errno) }
        do throws(FileError) {
            defer { close(descriptor) }
            _ = fchmod(descriptor, mode)
            try writeAll(content, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw FileError(path: temporary, operation: "fsync", errno: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw FileError(path: path, operation: "rename", errno: errno) }
        try syncDirectory(of: path)
    }

    /// Creates a directory and its parents; existing ones are left as they are.
    public static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += (prefix.isEmpty || prefix == "/" ? "" : "/") + part
            if mkdir(prefix, mode) != 0 && errno != EEXIST {
                throw FileError(path: prefix, operation: "create directory", errno: errno)
            }
        }
    }

    /// The names in a directory, in no order.
    ///
    /// - Throws: `FileError` naming the path and the system's reason.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError(path: path, operation: "open", errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether something stands at a path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func writeAll(_ content: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var offset = 0
        while offset < content.count {
            let count = content.withUnsafeBytes { bytes in
                bytes.baseAddress.map { write(descriptor, $0 + offset, bytes.count - offset) } ?? 0
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(path: path, operation: "write", errno: errno) }
            offset += count
        }
    }

    private static func syncDirectory(of path: String) throws(FileError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: directory, operation: "open", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(path: directory, operation: "fsync", errno: errno) }
    }
}

/// A file operation that failed, with everything a person needs to mend it.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file or directory.
    public let path: String
    /// What was tried.
    public let operation: String
    /// The system's error number.
    public let errno: Int32

    /// One line for a terminal.
    public var description: String { "cannot \(operation) \(path): \(String(cString: strerror(errno)))" }
}
