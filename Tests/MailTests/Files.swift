import Glibc

/// The bytes and the permission bits of a small file; nil if it cannot be read.
func readFile(_ path: String) -> (bytes: [UInt8], mode: mode_t)? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = read(descriptor, &bytes, bytes.count)
    return count == bytes.count ? (bytes, status.st_mode & 0o777) : nil
}
