import Glibc
import HTTPWire

/// A file on this disk on its way up, read in pieces.
struct UploadFile: Sendable {
    let path: String
    let size: Int

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var contentType: String { MIMEType.forPath(name) }

    init(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CommandFailure("\(path) is not a file") }
        self.path = path
        size = Int(status.st_size)
    }

    /// Gives the content in order, in pieces of at most 256 KiB.
    func forEachPiece(_ body: ([UInt8]) async throws -> Void) async throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("cannot open \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))") }
            if count == 0 { return }
            try await body(Array(piece[..<count]))
        }
    }
}
