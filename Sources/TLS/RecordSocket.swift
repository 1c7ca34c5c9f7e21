internal import Bytes
internal import COpenSSL
internal import Glibc

/// The socket as OpenSSL sees it (a `BIO`): reads go to the kernel, records written are collected in the loop's `TLSOutput`
/// until `flush`. What the kernel refuses is kept here and leaves first.
///
/// OpenSSL holds an unowned pointer to it, so it must outlive the `SSL` it was attached to.
final class RecordSocket {
    private let descriptor: Int32
    private let output: TLSOutput
    /// Records the kernel would not take; empty and without memory otherwise.
    private var refused = GrowableBuffer()
    /// The `errno` of the first failed write; nothing is written afterwards.
    private(set) var writeFailure: Int32 = 0
    private var hasEnded = false

    init(descriptor: Int32, output: TLSOutput) {
        self.descriptor = descriptor
        self.output = output
    }

    /// Ends the loan of the output; called before the last reference goes.
    func leaveOutput() {
        if output.holds(for: self) { output.take { _ in } }
    }

    // MARK: Output

    /// Whether records wait, here or in the output.
    var hasPendingOutput: Bool { !refused.isEmpty || output.holds(for: self) }

    /// Whether records wait for the socket to become writable.
    var isBlocked: Bool { !refused.isEmpty }

    /// Sends what waits as far as the kernel takes it, with one system call unless it refused something before. True when
    /// nothing is left or the socket is broken, which `writeFailure` tells.
    @discardableResult
    func flush() -> Bool {
        if !refused.isEmpty {
            refused.consume(send(refused.readable))
            if refused.isEmpty { refused.removeAll(keepingCapacity: false) }
        }
        if output.holds(for: self) {
            output.take { records in
                let sent = refused.isEmpty ? send(records) : 0
                if sent < records.count { refused.append(UnsafeRawBufferPointer(rebasing: records[sent...])) }
            }
        }
        return refused.isEmpty
    }

    /// How many bytes the kernel took; on a broken socket all of them, for nobody will ask for them again.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count, writeFailure == 0 {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                sent += count
                if count < rest.count { return sent }
            } else if errno == EAGAIN {
                return sent
            } else if errno != EINTR {
                writeFailure = errno
            }
        }
        return bytes.count
    }

    // MARK: OpenSSL's side

    /// Makes the `BIO` of this socket, which the caller gives to one `SSL`.
    func makeBIO() throws(TLSError) -> OpaquePointer {
        guard let method = Self.method.pointer, let bio = BIO_new(method) else { throw .drained("bind a TLS session") }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private func read(into bytes: UnsafeMutablePointer<CChar>, count: Int32, of bio: OpaquePointer) -> Int32 {
        weir_bio_clear_retry(bio)
        while true {
            let received = Glibc.read(descriptor, bytes, Int(count))
            if received > 0 { return Int32(received) }
            if received == 0 {
                hasEnded = true
                return 0
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: weir_bio_retry_read(bio)
            default: break
            }
            return -1
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard writeFailure == 0 else {
            errno = writeFailure
            return -1
        }
        output.append(bytes, of: self)
        return Int32(bytes.count)
    }

    private static func of(_ bio: OpaquePointer?) -> RecordSocket? {
        BIO_get_data(bio).map { Unmanaged<RecordSocket>.fromOpaque($0).takeUnretainedValue() }
    }

    /// OpenSSL's table of a `BIO`'s functions; one for the process, never freed.
    private struct Method: @unchecked Sendable {
        // Sendable because the table is complete before anybody sees it and only read afterwards.
        let pointer: OpaquePointer?
    }

    private static let method: Method = {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir records")
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let bio, let bytes, let socket = RecordSocket.of(bio) else { return -1 }
            return socket.read(into: bytes, count: count, of: bio)
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bio, let bytes, let socket = RecordSocket.of(bio) else { return -1 }
            weir_bio_clear_retry(bio)
            return socket.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        }
        BIO_meth_set_ctrl(method) { bio, command, _, _ in
            switch command {
            // Nothing to do: whoever called into OpenSSL flushes when it returns.
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_EOF: RecordSocket.of(bio)?.hasEnded == true ? 1 : 0
            default: 0
            }
        }
        return Method(pointer: method)
    }()
}
