internal import Glibc

/// Whole small files, such as certificates.
enum FileBytes {
    private static let limit = 16 * 1_048_576

    static func read(_ path: String) throws(TLSError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw TLSError("read \(path)", reasons: ["larger than \(limit) bytes"]) }
        }
    }

    private static func failure(_ path: String) -> TLSError {
        TLSError("read \(path)", reasons: [String(cString: strerror(errno))])
    }
}
