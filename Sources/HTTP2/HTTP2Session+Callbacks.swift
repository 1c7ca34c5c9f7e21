internal import Bytes
internal import CNGHTTP2

/// What the library calls while it reads or writes. Nothing here calls it back but for what it allows inside callbacks.
extension HTTP2Session {
    func headersBegin(_ headers: nghttp2_headers) {
        assembler.begin()
        let id = headers.hd.stream_id
        if headers.cat == NGHTTP2_HCAT_REQUEST {
            let stream = owner.makeStream()
            stream.begin(id)
            add(stream)
            nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
            headerStream = stream
        } else {
            headerStream = stream(id)
        }
    }

    /// Takes a decoded field; false ends the connection.
    func headerField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        if let stream = headerStream, !stream.isAnnounced {
            assembler.take(name, value, into: &stream.head)
            if ByteSearch.equal(name, "priority") { stream.priority = HTTP2Priority(value) }
        } else {
            assembler.skip(name, value)
        }
        if assembler.isBomb { excess = .headerBytes }
        return excess == nil
    }

    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch header.type {
        case FrameType.headers:
            headerStream = nil
            guard let stream = stream(header.stream_id) else { return }
            let isEnded = header.flags & FrameFlag.endStream != 0
            if !stream.isAnnounced {
                announce(stream, hasBody: !isEnded)
            } else if isEnded {
                remoteEnded(stream)
            }
        case FrameType.data where header.flags & FrameFlag.endStream != 0:
            if let stream = stream(header.stream_id) { remoteEnded(stream) }
        case FrameType.windowUpdate:
            if header.stream_id == 0 {
                events.append(.windowOpened(nil))
            } else if let stream = stream(header.stream_id) {
                events.append(.windowOpened(stream))
            }
        case FrameType.settings:
            if header.flags & FrameFlag.ack == 0 {
                events.append(.windowOpened(nil))
            } else {
                areSettingsAcknowledged = true
            }
        case FrameType.ping where header.flags & FrameFlag.ack != 0:
            events.append(.drainAcknowledged)
        case FrameType.priorityUpdate:
            guard let update = frame.pointee.ext.payload?.assumingMemoryBound(to: nghttp2_ext_priority_update.self)
            else { return }
            let value = UnsafeRawBufferPointer(start: update.pointee.field_value, count: update.pointee.field_value_len)
            stream(update.pointee.stream_id)?.priority = HTTP2Priority(value)
        case FrameType.reset:
            owner.noteReset(HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code), byClient: true)
        default: break
        }
    }

    private func announce(_ stream: HTTP2Stream, hasBody: Bool) {
        assembler.end(hasBody: hasBody, into: &stream.head)
        stream.violation = assembler.violation
        stream.isAnnounced = true
        if !hasBody { stream.isRemoteEnded = true }
        events.append(.head(stream))
    }

    private func remoteEnded(_ stream: HTTP2Stream) {
        stream.isRemoteEnded = true
        events.append(.bodyEnded(stream))
    }

    /// Whether the bytes belong to somebody and will be told.
    func dataReceived(on id: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let stream = stream(id) else {
            nghttp2_session_consume(session, id, bytes.count)
            return false
        }
        events.append(.data(stream, bytes))
        isPaused = true
        return true
    }

    func streamClosed(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = stream(id) else { return }
        stream.isClosed = true
        if headerStream === stream { headerStream = nil }
        events.append(.closed(stream, code))
    }

    func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch header.type {
        case FrameType.headers, FrameType.data:
            if header.flags & FrameFlag.endStream != 0 { stream(header.stream_id)?.isLocalEnded = true }
        case FrameType.reset:
            let code = HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code)
            owner.noteReset(code, byClient: false)
            if stream(header.stream_id)?.isResetByOwner == true { return }
            if let excess = budget.reset(at: now) { self.excess = excess }
        case FrameType.goAway:
            let code = HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
            goAwaySent()
            if !hasFailed, code != .noError { owner.noteGoAway(code, reason: "protocol") }
        default: break
        }
    }

    /// A response head that cannot be sent would leave its client waiting.
    func frameNotSent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        guard header.type == FrameType.headers, let stream = stream(header.stream_id) else { return }
        reset(stream, .internalError)
    }

    func sendData(_ header: UnsafeRawBufferPointer, _ count: Int, _ stream: HTTP2Stream) -> Int32 {
        let payload = UnsafeRawBufferPointer(rebasing: stream.offer[..<count])
        stream.offer = UnsafeRawBufferPointer(rebasing: stream.offer[count...])
        owner.sendData(header: header, payload: payload)
        budget.sent(count)
        return owner.isOutputFull ? NGHTTP2_ERR_PAUSE.rawValue : 0
    }

    private func stream(_ id: Int32) -> HTTP2Stream? {
        HTTP2Library.stream(nghttp2_session_get_stream_user_data(session, id))
    }
}
