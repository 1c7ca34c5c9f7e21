internal import Glibc

/// What came of writing lines.
enum LogWriteResult: Equatable {
    /// So many bytes are where they should go, at least one.
    case wrote(Int)
    /// So many bytes, one line, were refused for good.
    case refused(Int)
    /// Nothing goes for now, for a reason that a person can read.
    case failed(String)
}

/// Where lines leave the process. Used by one thread.
protocol LogOutlet: AnyObject {
    /// Writes some of `lines`, whole ones but for the first, whose beginning may be written already. May wait, a second at
    /// most.
    func write(_ lines: UnsafeRawBufferPointer) -> LogWriteResult
    /// Opens the destination anew, because what is under its name may be another one. False if that fails: then what is open
    /// is used on.
    func reopen() -> Bool
}

extension LogDestination {
    /// - Parameter header: what an empty file starts with.
    func outlet(header: StaticString) -> any LogOutlet {
        switch self {
        case .descriptor(let descriptor): DescriptorOutlet(descriptor, header: header)
        case .file(let path): FileOutlet(path, header: header)
        case .syslog(let address, let facility): SyslogOutlet(address, facility: facility)
        }
    }
}

/// The text of an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

/// A descriptor that somebody else opened: a pipe, a terminal, a file, a socket.
final class DescriptorOutlet: LogOutlet {
    private let descriptor: Int32
    private let isPipe: Bool
    private var header: StaticString?

    init(_ descriptor: Int32, header: StaticString) {
        self.descriptor = descriptor
        var facts = stat()
        isPipe = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO
        self.header = header.utf8CodeUnitCount == 0 ? nil : header
    }

    func reopen() -> Bool { true }

    func write(_ lines: UnsafeRawBufferPointer) -> LogWriteResult {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&poller, 1, 1_000) == 0 { return .failed("its reader does not keep up") }
        if let header {
            let bytes = UnsafeRawBufferPointer(start: header.utf8Start, count: header.utf8CodeUnitCount)
            if case .failed(let reason) = put(bytes) { return .failed(reason) }
            self.header = nil
        }
        return put(isPipe ? Self.atomicPiece(of: lines) : lines)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) -> LogWriteResult {
        while true {
            let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            if count > 0 { return .wrote(count) }
            if errno != EINTR { return .failed(reason(errno)) }
        }
    }

    /// As many whole lines as a pipe that is writable takes at once, unmixed with what others write to it (pipe(7), PIPE_BUF).
    private static func atomicPiece(of lines: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let most = 4_096
        if lines.count <= most { return lines }
        let end = lines[..<most].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? most
        return UnsafeRawBufferPointer(rebasing: lines[..<end])
    }
}

/// A file of ours, which may be renamed at any time: what is open is written to until `reopen`.
final class FileOutlet: LogOutlet {
    private let path: String
    private let header: StaticString
    private var descriptor: Int32 = -1
    private var problem = ""

    init(_ path: String, header: StaticString) {
        self.path = path
        self.header = header
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func reopen() -> Bool {
        let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard opened >= 0 else {
            problem = "\(path): \(reason(errno))"
            return false
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
        return true
    }

    func write(_ lines: UnsafeRawBufferPointer) -> LogWriteResult {
        guard descriptor >= 0 || reopen() else { return .failed(problem) }
        guard writeHeader() else { return .failed("\(path): \(reason(errno))") }
        while true {
            let count = Glibc.write(descriptor, lines.baseAddress, lines.count)
            if count > 0 { return .wrote(count) }
            if errno != EINTR { return .failed("\(path): \(reason(errno))") }
        }
    }

    /// An empty file gets one, whoever emptied it. A look at its size for every quarter of a mebibyte costs nothing.
    private func writeHeader() -> Bool {
        if header.utf8CodeUnitCount == 0 { return true }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_size == 0 else { return true }
        return Glibc.write(descriptor, header.utf8Start, header.utf8CodeUnitCount) == header.utf8CodeUnitCount
    }
}
