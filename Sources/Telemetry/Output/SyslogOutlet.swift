internal import Bytes
internal import Glibc

/// A syslog daemon, local or over UDP: a datagram for each line, in the form of RFC 5424.
final class SyslogOutlet: LogOutlet {
    private let address: SyslogAddress
    private let facility: SyslogFacility
    private var socket: SyslogSocket?
    private var message = SyslogMessage()

    init(_ address: SyslogAddress, facility: SyslogFacility) {
        self.address = address
        self.facility = facility
    }

    func reopen() -> Bool {
        socket = nil
        return true
    }

    func write(_ lines: UnsafeRawBufferPointer) -> LogWriteResult {
        let end = ByteSearch.firstIndex(of: UInt8(ascii: "\n"), in: lines) ?? lines.count
        let line = UnsafeRawBufferPointer(rebasing: lines[..<end])
        let whole = min(end + 1, lines.count)
        if socket == nil { socket = SyslogSocket(address) }
        guard let open = socket else { return .failed("\(address): \(reason(errno))") }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        message.set(line, facility: facility, epochNanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
        if send(open.descriptor, message.bytes.baseAddress, message.bytes.count, Int32(MSG_NOSIGNAL)) >= 0 {
            return .wrote(whole)
        }
        let code = errno
        if code == EMSGSIZE { return .refused(whole) }
        // A daemon that was started anew listens on another socket of the same name.
        if code != EAGAIN && code != EINTR && code != ENOBUFS { socket = nil }
        return .failed("\(address): \(reason(code))")
    }
}

/// The head of RFC 5424 §6 and a line.
struct SyslogMessage: ~Copyable {
    private var buffer = GrowableBuffer(capacity: 2_048)
    private var clock = Timestamp()
    private let names: String

    /// The names in a message's head may have no blanks and are printable ASCII.
    init(host: String = SyslogMessage.hostName(), process: Int32 = getpid()) {
        let host = String(decoding: host.utf8.filter { $0 > 0x20 && $0 < 0x7f }.prefix(255), as: UTF8.self)
        names = " \(host.isEmpty ? "-" : host) weir-edge \(process) - - "
    }

    var bytes: UnsafeRawBufferPointer { buffer.readable }

    mutating func set(_ line: UnsafeRawBufferPointer, facility: SyslogFacility, epochNanoseconds: Int64) {
        buffer.removeAll()
        buffer.append("<")
        buffer.append(decimal: facility.rawValue * 8 + Self.severity(of: line))
        buffer.append(">1 ")
        clock.append(epochNanoseconds: epochNanoseconds, to: &buffer)
        buffer.append(string: names)
        buffer.append(line)
    }

    /// Informational, unless the line is of ours and says another level.
    static func severity(of line: UnsafeRawBufferPointer) -> Int {
        let key: StaticString = "\"level\":\""
        let start = key.withUTF8Buffer { ByteSearch.firstIndex(of: UnsafeRawBufferPointer($0), in: line) }
        guard let start, start + 9 < line.count else { return 6 }
        switch line[start + 9] {
        case UInt8(ascii: "d"): return 7
        case UInt8(ascii: "w"): return 4
        case UInt8(ascii: "e"): return 3
        default: return 6
        }
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A datagram socket connected to a daemon. A send waits a second at most.
final class SyslogSocket {
    let descriptor: Int32

    /// Nil with `errno` set when the daemon is not there.
    init?(_ address: SyslogAddress) {
        let connected: Bool
        switch address {
        case .path(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            connected = descriptor >= 0 && Self.connect(descriptor, path: path)
        case .udp(let ip, let port):
            let family = ip.contains(":") ? AF_INET6 : AF_INET
            descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            connected = descriptor >= 0 && Self.connect(descriptor, ip: ip, port: port)
        }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        if descriptor >= 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        if !connected { return nil }
    }

    deinit {
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        errno = code
    }

    static func isNumeric(_ ip: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(ip.contains(":") ? AF_INET6 : AF_INET, ip, &bytes) == 1
    }

    private static func connect(_ descriptor: Int32, path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return connect(descriptor, &address)
    }

    private static func connect(_ descriptor: Int32, ip: String, port: UInt16) -> Bool {
        if ip.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, ip, &address.sin6_addr)
            return connect(descriptor, &address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, ip, &address.sin_addr)
        return connect(descriptor, &address)
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        withUnsafeBytes(of: &address) { raw in
            guard let base = raw.baseAddress else { return false }
            return Glibc.connect(
                descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count)) == 0
        }
    }
}
