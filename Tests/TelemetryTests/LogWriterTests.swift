import Glibc
import Synchronization
import Telemetry
import Testing

struct LogWriterTests {
    private func write(_ line: String, to sink: any LogSink) {
        Array((line + "\n").utf8).withUnsafeBytes { sink.write($0) }
    }

    private func write(_ line: String, to channel: LogChannel) {
        let bytes = Array((line + "\n").utf8)
        channel.reserve(bytes.count + 1_000).copyMemory(from: bytes, byteCount: bytes.count)
        channel.commit(bytes.count)
    }

    private final class Events: Sendable {
        private let state = Mutex<[LogEvent]>([])
        var all: [LogEvent] { state.withLock { $0 } }
        func add(_ event: LogEvent) { state.withLock { $0.append(event) } }
    }

    @Test func `A file is made with its header, added to, and not given a second one`() throws {
        let folder = try Folder()
        for round in 0..<2 {
            let writer = LogWriter(.file(folder.path("access.log")), header: "#Header\n")
            write("line \(round)", to: writer)
            writer.close(within: 5)
        }
        #expect(try folder.read("access.log") == "#Header\nline 0\nline 1\n")
    }

    @Test func `Renamed and opened anew, two files hold every line once`() throws {
        let folder = try Folder()
        let writer = LogWriter(.file(folder.path("log")), header: "#H\n")
        let channels = [writer.channel(capacity: 1 << 20), writer.channel(capacity: 1 << 20)]
        for round in 0..<5 {
            for (index, channel) in channels.enumerated() {
                for number in 0..<500 { write("\(round) \(index) \(number)", to: channel) }
            }
            writer.flush()
            #expect(rename(folder.path("log"), folder.path("log.\(round)")) == 0)
            for (index, channel) in channels.enumerated() { write("late \(round) \(index)", to: channel) }
            writer.reopen()
        }
        writer.close(within: 5)
        var lines: [Substring] = []
        for name in ["log.0", "log.1", "log.2", "log.3", "log.4", "log"] {
            let text = try folder.read(name)
            #expect(text.hasPrefix("#H\n") && text.hasSuffix("\n"))
            lines += text.split(separator: "\n").dropFirst()
        }
        #expect(lines.count == 5 * 2 * 501 && Set(lines).count == lines.count)
        #expect(writer.droppedLines == 0)
    }

    @Test func `A file that cannot be opened is said once; its lines wait until it can`() throws {
        let folder = try Folder()
        let events = Events()
        let writer = LogWriter(.file(folder.path("missing/log")), onEvent: { events.add($0) })
        write("first", to: writer)
        writer.flush()
        #expect(events.all.count == 1)
        guard case .failing(let reason) = events.all.first else {
            Issue.record("no failure is told")
            return
        }
        #expect(reason.contains("missing/log") && reason.contains("No such file"))
        #expect(mkdir(folder.path("missing"), 0o700) == 0)
        write("second", to: writer)
        writer.close(within: 5)
        #expect(try folder.read("missing/log") == "first\nsecond\n")
        #expect(events.all.last == .recovered && writer.droppedLines == 0)
    }

    @Test func `What cannot be written when the writer closes is counted`() throws {
        let folder = try Folder()
        let writer = LogWriter(.file(folder.path("missing/log")))
        for _ in 0..<10 { write("line", to: writer) }
        writer.close(within: 0)
        #expect(writer.droppedLines == 10)
    }

    @Test func `A syslog daemon gets a datagram of RFC 5424 for each line`() throws {
        let folder = try Folder()
        let daemon = try #require(DatagramServer(folder.path("log")))
        let address = try #require(SyslogAddress(folder.path("log")))
        let writer = LogWriter(.syslog(address, facility: .local0))
        write("{\"ts\":\"x\",\"level\":\"warning\",\"msg\":\"a\"}", to: writer)
        write("plain", to: writer)
        let first = daemon.receive()
        #expect(first.hasPrefix("<132>1 20"))
        #expect(first.hasSuffix(" - - {\"ts\":\"x\",\"level\":\"warning\",\"msg\":\"a\"}"))
        let words = first.split(separator: " ")
        #expect(words[1].count == 24 && words[1].hasSuffix("Z"))
        #expect(words[3] == "weir-edge" && words[4] == "\(getpid())" && words[5] == "-" && words[6] == "-")
        #expect(daemon.receive().hasPrefix("<134>1 "))
        writer.close(within: 5)
        #expect(writer.droppedLines == 0)
    }

    @Test func `A syslog daemon that comes back gets the lines that waited`() throws {
        let folder = try Folder()
        let events = Events()
        var daemon = DatagramServer(folder.path("log"))
        let address = try #require(SyslogAddress(folder.path("log")))
        let writer = LogWriter(.syslog(address, facility: .daemon), onEvent: { events.add($0) })
        write("first", to: writer)
        #expect(daemon?.receive().hasSuffix("first") == true)
        daemon = nil
        unlink(folder.path("log"))
        write("second", to: writer)
        writer.flush()
        #expect(events.all.count == 1)
        daemon = DatagramServer(folder.path("log"))
        #expect(daemon?.receive().hasSuffix("second") == true)
        writer.close(within: 5)
        #expect(events.all.last == .recovered && writer.droppedLines == 0)
    }

    @Test func `Addresses of daemons are paths, or numbers with a port`() {
        #expect(SyslogAddress("/dev/log") == .path("/dev/log"))
        #expect(SyslogAddress("192.0.2.1:514") == .udp(ip: "192.0.2.1", port: 514))
        #expect(SyslogAddress("[2001:db8::1]:514") == .udp(ip: "2001:db8::1", port: 514))
        for text in [
            "", "log", "host:514", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:70000", "2001:db8::1:514", "[1.2.3.4]:5",
        ] {
            #expect(SyslogAddress(text) == nil, "\(text)")
        }
    }
}

/// A folder of a test's own, gone with it.
private final class Folder {
    private let root: String

    struct Failure: Error {}

    init() throws {
        var template = Array("/tmp/weir-log-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure() }
        root = String(cString: made)
    }

    deinit {
        for name in ["missing/log", "log", "access.log"] + (0..<5).map({ "log.\($0)" }) { unlink(path(name)) }
        rmdir(path("missing"))
        rmdir(root)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func read(_ name: String) throws -> String {
        let descriptor = open(path(name), O_RDONLY)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { text += buffer[..<count] }
        return String(decoding: text, as: UTF8.self)
    }
}

private final class DatagramServer {
    private let descriptor: Int32

    init?(_ path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if bound != 0 { return nil }
    }

    deinit { close(descriptor) }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
