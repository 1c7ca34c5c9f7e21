public import EventLoop
internal import Glibc
internal import TLS

/// A blocking TCP peer that writes exactly the bytes a test wants and reads what comes back; every wait ends after ten
/// seconds so that a bug fails a test instead of hanging it.
public final class RawConnection {
    let descriptor: Int32
    /// Set once TLS stands.
    var session: TLSSession?

    /// Connects; a small `receiveBuffer` (bytes) makes a slow reader felt early.
    public init(to address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        limitWaits()
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = inet_addr(address.ip)
        let connected = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw SystemError("connect to \(address)", code: errno) }
    }

    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        limitWaits()
    }

    deinit {
        close(descriptor)
    }

    private func limitWaits() {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Makes the close that follows a reset, so that the peer sees an error instead of the end of the stream.
    public func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Writes all of `text`; false if the peer has gone away.
    @discardableResult
    public func send(_ text: String) -> Bool {
        send([UInt8](text.utf8))
    }

    /// Writes all of `bytes`; false if the peer has gone away.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        if let session { return send(bytes, over: session) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }

    /// Ends this side's stream.
    public func shutdownWrite() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends both directions, which wakes whoever reads or writes.
    public func shutdownBoth() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// At most `limit` bytes; empty at the end of the stream or after a reset.
    public func receive(upTo limit: Int = 65_536) -> [UInt8] {
        if let session { return receive(upTo: limit, over: session) }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count > 0 ? [UInt8](buffer[..<count]) : []
    }

    /// Everything until the peer ends the stream.
    public func receiveAll() -> String {
        var all: [UInt8] = []
        while true {
            let piece = receive()
            if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += piece
        }
    }

    /// Reads until `mark` has been seen, or the stream ends.
    public func receive(until mark: String) -> String {
        var all: [UInt8] = []
        let pattern = [UInt8](mark.utf8)
        while true {
            if all.count >= pattern.count, all.suffix(pattern.count) == pattern[...] { break }
            let piece = receive(upTo: 1)
            if piece.isEmpty { break }
            all += piece
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// One response with a `Content-Length`: its head and its body.
    public func receiveResponse() -> (head: String, body: String) {
        let head = receive(until: "\r\n\r\n")
        var length = 0
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            length = Int(line.dropFirst("content-length:".count).drop { $0 == " " }) ?? 0
        }
        var body: [UInt8] = []
        while body.count < length {
            let piece = receive(upTo: length - body.count)
            if piece.isEmpty { break }
            body += piece
        }
        return (head, String(decoding: body, as: UTF8.self))
    }
}
