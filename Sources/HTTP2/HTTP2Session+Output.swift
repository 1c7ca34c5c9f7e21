internal import Bytes
internal import CNGHTTP2
internal import HTTPWire

extension HTTP2Session {
    /// Gives frames to the output until there are none or it is full.
    public func pump() {
        while !owner.isOutputFull {
            var frames: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &frames)
            if count < 0 {
                markBroken()
                return
            }
            guard count > 0, let frames else { return }
            owner.send(UnsafeRawBufferPointer(start: frames, count: count))
        }
    }

    // MARK: Response

    /// Starts the response whose status and fields are in `stream.response` (its first line the three digits of the status):
    /// queues the head, and ends the stream with it unless `hasBody`.
    public func respond(on stream: HTTP2Stream, hasBody: Bool) {
        ResponseFields.collect(from: stream.response.buffer.readable, into: &fields)
        let result = weir_nghttp2_respond(
            session, stream.id, fields, fields.count, hasBody ? HTTP2Library.readBody : nil,
            Unmanaged.passUnretained(stream).toOpaque())
        if result != 0, !stream.isClosed { reset(stream, .internalError) }
    }

    /// Sends an interim response (1xx) whose status and fields are in `stream.response`, at once, so that the buffer can be
    /// used again.
    public func inform(on stream: HTTP2Stream) {
        ResponseFields.collect(from: stream.response.buffer.readable, into: &fields)
        copyFieldsOnSubmit()
        nghttp2_submit_headers(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, fields, fields.count, nil)
    }

    /// Frames as much of `bytes` as the client's windows and the output take, and returns how much that was; nothing is kept.
    /// With `endsBody` the frame with the last byte ends the stream.
    public func offer(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2Stream, endsBody: Bool) -> Int {
        guard !stream.isClosed else { return bytes.count }
        stream.offer = bytes
        stream.offerEndsBody = endsBody
        nghttp2_session_resume_data(session, stream.id)
        pump()
        let left = stream.offer.count
        stream.offer = UnsafeRawBufferPointer(start: nil, count: 0)
        stream.isWindowBlocked = left > 0 && !owner.isOutputFull
        return bytes.count - left
    }

    /// The body ends with what has been offered; `trailers` are lines of fields, or empty.
    public func endBody(on stream: HTTP2Stream, trailers: [UInt8] = []) {
        stream.isBodyEnded = true
        stream.trailers = trailers
        nghttp2_session_resume_data(session, stream.id)
    }

    /// Called while the frame that ends a body is made; true if trailers follow it instead.
    func submitTrailers(of stream: HTTP2Stream) -> Bool {
        if stream.trailers.isEmpty { return false }
        return stream.trailers.withUnsafeBytes { lines in
            ResponseFields.collect(from: lines, hasStatus: false, into: &fields)
            copyFieldsOnSubmit()
            return !fields.isEmpty && nghttp2_submit_trailer(session, stream.id, fields, fields.count) == 0
        }
    }

    private func copyFieldsOnSubmit() {
        for index in fields.indices { fields[index].flags = UInt8(NGHTTP2_NV_FLAG_NONE.rawValue) }
    }

    /// Resets a stream.
    public func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard !stream.isClosed else { return }
        stream.isResetByOwner = true
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
    }
}

/// Fields written as lines, as the library wants them.
enum ResponseFields {
    /// Fills `fields` from lines; they point into `lines`, whose names become lower case. A head begins with the three digits
    /// of its status, trailers do not.
    static func collect(from lines: UnsafeRawBufferPointer, hasStatus: Bool = true, into fields: inout [nghttp2_nv]) {
        fields.removeAll(keepingCapacity: true)
        var start = 0
        if hasStatus, lines.count >= 5 {
            add(":status", UnsafeRawBufferPointer(rebasing: lines[..<3]), to: &fields)
            start = 5
        }
        while start < lines.count {
            guard let colon = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: lines, from: start),
                let end = ByteSearch.firstIndex(of: 0x0d, in: lines, from: colon)
            else { return }
            let name = UnsafeRawBufferPointer(rebasing: lines[start..<colon])
            ASCII.lowercase(UnsafeMutableRawBufferPointer(mutating: name))
            if !isConnectionSpecific(name) {
                add(name, ASCII.trimmed(UnsafeRawBufferPointer(rebasing: lines[(colon + 1)..<end])), to: &fields)
            }
            start = end + 2
        }
    }

    private static func add(_ name: StaticString, _ value: UnsafeRawBufferPointer, to fields: inout [nghttp2_nv]) {
        name.withUTF8Buffer { add(UnsafeRawBufferPointer($0), value, to: &fields) }
    }

    private static func add(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to fields: inout [nghttp2_nv]
    ) {
        var field = nghttp2_nv()
        weir_nghttp2_field(
            &field, name.baseAddress, name.count, value.baseAddress ?? name.baseAddress, value.count,
            isVolatile(name) ? 1 : 0)
        fields.append(field)
    }

    /// Fields that say something about an HTTP/1 connection (RFC 9113 §8.2.2).
    private static func isConnectionSpecific(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 7: ByteSearch.equal(name, "upgrade")
        case 10: ByteSearch.equal(name, "connection") || ByteSearch.equal(name, "keep-alive")
        case 16: ByteSearch.equal(name, "proxy-connection")
        case 17: ByteSearch.equal(name, "transfer-encoding")
        default: false
        }
    }

    /// Fields with another value in nearly every response: remembering them would drive out what comes back.
    private static func isVolatile(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 11: ByteSearch.equal(name, "x-amz-cf-id")
        case 12: ByteSearch.equal(name, "x-request-id") || ByteSearch.equal(name, "cache-status")
        case 13: ByteSearch.equal(name, "last-modified") || ByteSearch.equal(name, "content-range")
        default: false
        }
    }
}
