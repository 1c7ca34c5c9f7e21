internal import CCurl

/// One message on its way to a server, in libcurl's hands. Used by one thread.
final class SMTPConversation {
    /// Whether libcurl is ready; set up once for the process, by whoever comes first.
    private static let isReady = weir_curl_prepare() == CURLE_OK
    private static let replyLimit = 500

    private let message: [UInt8]
    private let sender: String
    private let recipient: String
    private var position = 0
    private var refusal: String?

    init(_ message: [UInt8], from sender: MailAddress, to recipient: MailAddress) {
        self.message = message
        self.sender = sender.address
        self.recipient = recipient.address
    }

    /// Returns once the server has accepted the message; blocks for at most twice the server's time: once for the message, once
    /// for the farewell of a server that has become silent.
    func hold(with server: MailServer) throws(MailNotSent) {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw MailNotSent(server: server.hostAndPort, reason: "libcurl cannot be set up")
        }
        // The farewell is said in here, and still calls back.
        defer { withExtendedLifetime(self) { curl_easy_cleanup(handle) } }
        guard let recipients = curl_slist_append(nil, recipient) else {
            throw MailNotSent(server: server.hostAndPort, reason: "no memory")
        }
        defer { curl_slist_free_all(recipients) }
        let explanation = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        explanation.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { explanation.deallocate() }

        set(handle, CURLOPT_ERRORBUFFER, explanation)
        set(handle, CURLOPT_MAIL_RCPT, recipients)
        set(handle, CURLOPT_MAIL_FROM, sender)
        address(handle, to: server)
        protect(handle, for: server)
        exchange(handle)
        let outcome = curl_easy_perform(handle)
        set(handle, CURLOPT_ERRORBUFFER, nil as UnsafeMutableRawPointer?)
        guard outcome != CURLE_OK else { return }
        let reason: UnsafePointer<CChar>? =
            explanation[0] == 0 ? curl_easy_strerror(outcome) : UnsafePointer(explanation)
        throw MailNotSent(
            server: server.hostAndPort, reason: reason.map { Self.line(String(cString: $0)) } ?? "", reply: refusal)
    }

    // MARK: Options

    private func address(_ handle: UnsafeMutableRawPointer, to server: MailServer) {
        let milliseconds = Int(server.timeout.components.seconds) * 1000
        set(handle, CURLOPT_URL, server.url)
        set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // What the environment says of proxies is meant for others.
        set(handle, CURLOPT_PROXY, "")
        // Timeouts of names without signals, which would hit any thread.
        set(handle, CURLOPT_NOSIGNAL, 1)
        set(handle, CURLOPT_TIMEOUT_MS, milliseconds)
        set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, milliseconds / 1000)
    }

    private func protect(_ handle: UnsafeMutableRawPointer, for server: MailServer) {
        let level =
            switch server.security {
            case .startTLS, .tls: CURLUSESSL_ALL
            case .startTLSIfOffered: CURLUSESSL_TRY
            case .none: CURLUSESSL_NONE
            }
        set(handle, CURLOPT_USE_SSL, Int(level.rawValue))
        set(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(handle, CURLOPT_SSL_VERIFYPEER, 1)
        set(handle, CURLOPT_SSL_VERIFYHOST, 2)
        if let authorities = server.authorities {
            set(handle, CURLOPT_CAINFO, authorities)
            set(handle, CURLOPT_CAPATH, nil as String?)
        }
        guard let credentials = server.credentials else { return }
        set(handle, CURLOPT_USERNAME, credentials.user)
        set(handle, CURLOPT_PASSWORD, credentials.password)
    }

    private func exchange(_ handle: UnsafeMutableRawPointer) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        set(handle, CURLOPT_UPLOAD, 1)
        set(handle, CURLOPT_INFILESIZE, message.count)
        set(handle, CURLOPT_READDATA, this)
        set(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let conversation = Unmanaged<SMTPConversation>.fromOpaque(context).takeUnretainedValue()
            return conversation.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        set(handle, CURLOPT_HEADERDATA, this)
        set(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let conversation = Unmanaged<SMTPConversation>.fromOpaque(context).takeUnretainedValue()
            conversation.hear(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
    }

    /// Options that libcurl does not know, or values it does not take, are a bug of ours.
    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: Int) {
        check(weir_curl_set_number(handle, option, value))
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String?) {
        check(weir_curl_set_text(handle, option, value))
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        check(weir_curl_set_pointer(handle, option, value))
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: @escaping weir_curl_callback) {
        check(weir_curl_set_callback(handle, option, value))
    }

    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "an option of libcurl")
    }

    // MARK: What libcurl asks and tells

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = message[position...].prefix(buffer.count)
        buffer.copyBytes(from: piece)
        position += piece.count
        return piece.count
    }

    /// Keeps the last line of the server's that refuses something.
    private func hear(_ line: UnsafeRawBufferPointer) {
        guard line.count > 3, line[0] == UInt8(ascii: "4") || line[0] == UInt8(ascii: "5") else { return }
        refusal = Self.line(String(decoding: line.prefix(Self.replyLimit), as: UTF8.self))
    }

    private static func line(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
    }
}
