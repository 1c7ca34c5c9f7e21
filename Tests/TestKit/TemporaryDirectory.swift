internal import Glibc

/// A fresh directory that is removed with everything in it when the last reference goes.
public final class TemporaryDirectory: Sendable {
    /// Absolute path without a trailing slash.
    public let path: String

    /// Creates the directory under `TMPDIR` or `/tmp`.
    public init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/weir-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("mkdtemp failed with errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.removeTree(path)
    }

    /// A path inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The contents of every file below a path, by path.
    public static func contents(below path: String) -> [String: [UInt8]] {
        guard let directory = opendir(path) else { return file(at: path).map { [path: $0] } ?? [:] }
        defer { closedir(directory) }
        return names(in: directory).reduce(into: [:]) { all, name in
            all.merge(contents(below: "\(path)/\(name)")) { $1 }
        }
    }

    private static func file(at path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
        return bytes
    }

    private static func names(in directory: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file or a directory with everything below it; symbolic links are removed, not followed.
    private static func removeTree(_ path: String) {
        guard unlink(path) != 0, let directory = opendir(path) else { return }
        for name in names(in: directory) { removeTree("\(path)/\(name)") }
        closedir(directory)
        rmdir(path)
    }
}
