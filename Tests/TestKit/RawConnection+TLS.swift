internal import Glibc
public import TLS

extension RawConnection {
    /// Goes on as the server's side of TLS; false if the client does not want it.
    public func startTLS(_ context: TLSServerContext) -> Bool {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        guard let session = try? context.makeSession(descriptor: descriptor) else { return false }
        while true {
            switch session.handshake() {
            case .complete:
                self.session = session
                return true
            case .wantRead: guard wait(for: POLLIN) else { return false }
            case .wantWrite: guard wait(for: POLLOUT) else { return false }
            case .closed, .failed: return false
            }
        }
    }

    func send(_ bytes: [UInt8], over session: TLSSession) -> Bool {
        var sent = 0
        repeat {
            switch bytes[sent...].withUnsafeBytes({ session.write($0) }) {
            case .bytes(let count): sent += count
            case .wantRead: guard wait(for: POLLIN) else { return false }
            case .wantWrite: guard wait(for: POLLOUT) else { return false }
            case .closed, .failed: return false
            }
        } while sent < bytes.count || session.hasPendingOutput
        return true
    }

    func receive(upTo limit: Int, over session: TLSSession) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            switch buffer.withUnsafeMutableBytes({ session.read(into: $0) }) {
            case .bytes(let count): return Array(buffer[..<count])
            case .wantRead: guard wait(for: POLLIN) else { return [] }
            case .wantWrite: guard wait(for: POLLOUT) else { return [] }
            case .closed, .failed: return []
            }
        }
    }

    private func wait(for events: Int32) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&watched, 1, 10_000) > 0
    }
}
