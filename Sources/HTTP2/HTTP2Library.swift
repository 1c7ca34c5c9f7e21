internal import CNGHTTP2

/// The C side: callbacks and options.
enum HTTP2Library {
    // Unsafe only in name: made once, read ever after, never freed.
    nonisolated(unsafe) private static let callbacks = makeCallbacks()

    static func makeSession(_ limits: HTTP2Limits) -> OpaquePointer {
        var options: OpaquePointer?
        var session: OpaquePointer?
        let hasOptions = nghttp2_option_new(&options) == 0
        precondition(hasOptions, "out of memory for an HTTP/2 session")
        defer { nghttp2_option_del(options) }
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_max_outbound_ack(options, limits.queuedControlFrames)
        // The budgets of this module come first and say so with a better error code.
        nghttp2_option_set_max_continuations(options, limits.continuations + 1)
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(limits.resets) * 2, UInt64(limits.resets) * 2)
        nghttp2_option_set_builtin_recv_extension_type(options, FrameType.priorityUpdate)
        let result = nghttp2_session_server_new2(&session, callbacks, nil, options)
        guard result == 0, let session else { preconditionFailure("out of memory for an HTTP/2 session") }
        return session
    }

    private static func makeCallbacks() -> OpaquePointer? {
        var callbacks: OpaquePointer?
        let isMade = nghttp2_session_callbacks_new(&callbacks) == 0
        precondition(isMade, "out of memory for HTTP/2")
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            HTTP2Library.withSession(context) { session in
                guard let frame else { return HTTP2Library.failure }
                session.headersBegin(frame.pointee.headers)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, context in
            HTTP2Library.withSession(context) { session in
                let isAllowed = session.headerField(
                    UnsafeRawBufferPointer(start: name, count: nameCount),
                    UnsafeRawBufferPointer(start: value, count: valueCount))
                return isAllowed ? 0 : HTTP2Library.failure
            }
        }
        nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, _, _, _, _, _, _, _ in
            // The library would pass the field over; a request that cannot be forwarded as it is gets a reset instead.
            NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            HTTP2Library.withSession(context) { session in
                guard let frame else { return HTTP2Library.failure }
                session.frameReceived(frame)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, data, count, context in
            guard let session = HTTP2Library.session(context) else { return HTTP2Library.failure }
            let isTold = session.dataReceived(on: id, UnsafeRawBufferPointer(start: data, count: count))
            return isTold ? NGHTTP2_ERR_PAUSE.rawValue : 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, context in
            guard let session = HTTP2Library.session(context) else { return HTTP2Library.failure }
            session.streamClosed(id, HTTP2ErrorCode(rawValue: code))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            HTTP2Library.withSession(context) { session in
                guard let frame else { return HTTP2Library.failure }
                session.frameSent(frame)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, context in
            guard let frame, let session = HTTP2Library.session(context) else { return HTTP2Library.failure }
            session.frameNotSent(frame)
            return 0
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, context in
            guard let header, let stream = HTTP2Library.stream(source?.pointee.ptr),
                let session = HTTP2Library.session(context)
            else { return HTTP2Library.failure }
            return session.sendData(UnsafeRawBufferPointer(start: header, count: FrameHeader.byteCount), count, stream)
        }
        return callbacks
    }

    static let failure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    /// Calls `body` with the session that the library was given, without counting the reference: its owner holds it while the
    /// library runs.
    private static func withSession(
        _ context: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Int32
    ) -> Int32 {
        guard let context else { return failure }
        return Unmanaged<HTTP2Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
    }

    static func session(_ context: UnsafeMutableRawPointer?) -> HTTP2Session? {
        context.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    static func stream(_ context: UnsafeMutableRawPointer?) -> HTTP2Stream? {
        context.map { Unmanaged<HTTP2Stream>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Most bytes of body in a frame: with its header, one full TLS record.
    private static let dataBytes = 16_384 - FrameHeader.byteCount

    /// Asked how much of a body can be framed now.
    static let readBody: nghttp2_data_source_read_callback = { _, _, _, limit, flags, source, context in
        guard let stream = stream(source?.pointee.ptr), let session = session(context), let flags else {
            return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
        }
        if stream.offer.isEmpty {
            guard stream.isBodyEnded else { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if session.submitTrailers(of: stream) { flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
            return 0
        }
        let count = min(limit, stream.offer.count, dataBytes)
        flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        if stream.offerEndsBody, count == stream.offer.count { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
        return count
    }
}
