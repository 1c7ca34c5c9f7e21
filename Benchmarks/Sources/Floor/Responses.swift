import Glibc

/// Why the program could not start.
struct FloorError: Error, CustomStringConvertible {
    let operation: String
    let reason = String(cString: strerror(errno))

    var description: String { "cannot \(operation): \(reason)" }
}

/// The prepared responses of a directory, each a file.
struct Responses {
    private let all: [(name: [UInt8], bytes: UnsafeRawBufferPointer)]

    init(directory: String) throws {
        guard let listing = opendir(directory) else { throw FloorError(operation: "read \(directory)") }
        defer { closedir(listing) }
        var all: [(name: [UInt8], bytes: UnsafeRawBufferPointer)] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            all.append((Array(name.utf8), try Self.read("\(directory)/\(name)")))
        }
        self.all = all
    }

    /// The response to a request, by the name after the last slash of its path.
    func response(to request: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let lineEnd = request.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let parts = request[..<lineEnd].split(separator: UInt8(ascii: " "))
        guard parts.count == 3, let slash = parts[1].lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = parts[1][(slash + 1)...]
        return all.first { $0.name.elementsEqual(name) }?.bytes
    }

    /// The file's bytes, kept until the program ends.
    private static func read(_ path: String) throws -> UnsafeRawBufferPointer {
        guard let file = fopen(path, "rb") else { throw FloorError(operation: "open \(path)") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: ftell(file), alignment: 64)
        rewind(file)
        guard fread(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
            throw FloorError(operation: "read \(path)")
        }
        return UnsafeRawBufferPointer(bytes)
    }
}
