internal import Glibc

extension EnvironmentAudit {
    /// The first fault in the file at `path`, or `nil` if it is sound or not there.
    ///
    /// Unless `whole`, the walk happens only if the file is shorter than it says.
    static func fault(inFile path: String, whole: Bool) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? nil : "could not open it: \(errorText(errno))" }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        // LMDB begins an empty file anew.
        if size == 0 { return nil }
        var page = [UInt8](repeating: 0, count: SizeClass.pageBytes)
        var audit = EnvironmentAudit(pageCount: UInt64(max(0, size) / SizeClass.pageBytes)) {
            (number, body) throws(Fault) in
            let count = page.withUnsafeMutableBytes { target in
                pread(descriptor, target.baseAddress, target.count, Int(number) * target.count)
            }
            guard count == page.count else { throw Fault(text: "page \(number) could not be read") }
            let copy = page
            let result: Result<Void, Fault> = copy.withUnsafeBytes { bytes in
                do throws(Fault) { return .success(try body(bytes)) } catch { return .failure(error) }
            }
            try result.get()
        }
        do throws(Fault) {
            if !whole {
                let announced = try audit.announcedPages()
                if announced <= UInt64(size / SizeClass.pageBytes) { return nil }
            }
            try audit.run()
            return nil
        } catch {
            return error.text
        }
    }
}
