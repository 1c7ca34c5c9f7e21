import Bytes
import Crypto
import Glibc
import HTTPWire
import ResumableUpload

/// A file on this disk on its way up, open from the first look at it, so that a new file in its place changes nothing.
final class UploadFile: Sendable {
    private static let pieceBytes = 262_144
    private static let edgeBytes: Int64 = 1 << 20

    /// As the user wrote it.
    let path: String
    let identity: FileIdentity
    private let descriptor: Int32

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var contentType: String { MIMEType.forPath(name) }
    var size: Int64 { identity.size }

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw UploadFile.failure("open", path) }
        self.path = path
        do {
            let (size, modified) = try UploadFile.state(of: descriptor, path)
            guard size > 0 else { throw CommandFailure("\(path) is empty") }
            guard let absolute = realpath(path, nil) else { throw UploadFile.failure("resolve", path) }
            defer { free(absolute) }
            let digest = StreamingDigest(.sha256)
            for range in [0..<min(UploadFile.edgeBytes, size), max(0, size - UploadFile.edgeBytes)..<size] {
                try UploadFile.forEachPiece(of: range, descriptor, path) { digest.update($0) }
            }
            identity = FileIdentity(
                path: String(cString: absolute), size: size, modifiedNanoseconds: modified,
                digest: Hex.encode(digest.finish()))
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Whether somebody has written to it since it was opened.
    var hasChanged: Bool {
        guard let (size, modified) = try? Self.state(of: descriptor, path) else { return true }
        return size != identity.size || modified != identity.modifiedNanoseconds
    }

    /// The MD5 of a stretch.
    func md5(of range: Range<Int64>) throws -> [UInt8] {
        let digest = StreamingDigest(.md5)
        try Self.forEachPiece(of: range, descriptor, path) { digest.update($0) }
        return digest.finish()
    }

    /// Gives a stretch in order, in pieces of at most 256 KiB.
    func forEachPiece(of range: Range<Int64>, _ body: ([UInt8]) async throws -> Void) async throws {
        var place = range.lowerBound
        while let piece = try Self.piece(at: place, of: range, descriptor, path) {
            try await body(piece)
            place += Int64(piece.count)
        }
    }

    private static func forEachPiece(
        of range: Range<Int64>, _ descriptor: Int32, _ path: String, _ body: ([UInt8]) -> Void
    ) throws {
        var place = range.lowerBound
        while let piece = try Self.piece(at: place, of: range, descriptor, path) {
            body(piece)
            place += Int64(piece.count)
        }
    }

    /// The next bytes of a stretch; nil at its end.
    private static func piece(
        at place: Int64, of range: Range<Int64>, _ descriptor: Int32, _ path: String
    ) throws -> [UInt8]? {
        let wanted = min(pieceBytes, Int(range.upperBound - place))
        guard wanted > 0 else { return nil }
        while true {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, used in
                count = pread(descriptor, buffer.baseAddress, wanted, off_t(place))
                used = max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            guard count > 0 else { throw CommandFailure("\(path) has become shorter while it was read") }
            return piece
        }
    }

    private static func state(
        of descriptor: Int32, _ path: String
    ) throws -> (size: Int64, modifiedNanoseconds: Int64) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(path) is no file: only what can be read twice can be sent in parts and resumed")
        }
        return (Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    private static func failure(_ operation: String, _ path: String) -> CommandFailure {
        CommandFailure("cannot \(operation) \(path): \(String(cString: strerror(errno)))")
    }
}
