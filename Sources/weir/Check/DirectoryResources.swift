import Bytes
import Conformance
import Daemon
import Glibc

/// Reads what a presentation lists from a folder, and nothing outside of it.
struct DirectoryResources: Sendable {
    private let folder: String
    /// The playlist to begin with, relative to the folder.
    let start: String

    /// - Parameter path: a folder with `index.m3u8` or `master.m3u8`, or a playlist.
    init(_ path: String) throws(CommandFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw CommandFailure("there is no \(path)") }
        if status.st_mode & S_IFMT == S_IFDIR {
            folder = path
            guard let name = ["index.m3u8", "master.m3u8"].first(where: { File.exists("\(path)/\($0)") }) else {
                throw CommandFailure("\(path) has neither index.m3u8 nor master.m3u8: give the playlist itself")
            }
            start = name
        } else {
            let slash = path.lastIndex(of: "/")
            folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            start = PercentEncoding.encode(slash.map { String(path[path.index(after: $0)...]) } ?? path)
        }
    }

    func fetch(_ request: ResourceRequest) -> Result<Resource, ResourceFailure> {
        do throws(ResourceFailure) {
            return .success(Resource(content: try read(request)))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ request: ResourceRequest) throws(ResourceFailure) -> [UInt8] {
        let plain = request.address.prefix { $0 != "?" && $0 != "#" }
        guard let name = PercentEncoding.decode(plain), !name.utf8.contains(0), !name.hasPrefix("/"),
            !name.split(separator: "/").contains(".."), !name.prefix(while: { $0 != "/" }).contains(":")
        else { throw .unreachable("it is outside of the folder") }
        let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .missing(status: nil) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .missing(status: nil) }
        let size = Int(status.st_size)
        let range = request.range ?? 0..<size
        guard range.upperBound <= size else { throw .unreachable("it is shorter than its byte range") }
        guard range.count <= HTTPResources.largestSegment else { throw .tooLarge(limit: HTTPResources.largestSegment) }
        return try Self.read(descriptor, range)
    }

    private static func read(_ descriptor: Int32, _ range: Range<Int>) throws(ResourceFailure) -> [UInt8] {
        var count = 0
        let content = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            while count < range.count {
                let got = pread(descriptor, buffer.baseAddress! + count, range.count - count, range.lowerBound + count)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { break }
                count += got
            }
            initialized = count
        }
        guard count == range.count else { throw .unreachable("it cannot be read: \(String(cString: strerror(errno)))") }
        return content
    }
}
