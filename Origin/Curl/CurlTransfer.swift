internal import CCurl

/// One exchange in libcurl's hands, over protocols that are named. Used by one thread.
///
/// Whatever it is for: TLS 1.2 or better with the certificate verified, no proxy that the environment names, no redirect, no
/// signals, and an end in time.
public final class CurlTransfer {
    /// Whether libcurl is ready; set up once for the process, by whoever comes first.
    private static let isReady = weir_curl_prepare() == CURLE_OK

    private let handle: UnsafeMutableRawPointer
    private let callbacks = CurlCallbacks()
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// An exchange with `url`, which begins with one of `protocols`, as in `https` or `smtp,smtps`.
    ///
    /// - Parameters:
    ///   - timeout: from the connection to the last word.
    ///   - authorities: a PEM file of certificates to trust instead of the system's.
    public init(
        to url: String, protocols: String, timeout: Duration, authorities: String?
    ) throws(CurlFailure) {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw CurlFailure(reason: "libcurl cannot be set up")
        }
        self.handle = handle
        set(CURLOPT_URL, url)
        set(CURLOPT_PROTOCOLS_STR, protocols)
        // What the environment says of proxies is meant for others.
        set(CURLOPT_PROXY, "")
        // Timeouts of names without signals, which would hit any thread.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        let (seconds, attoseconds) = timeout.components
        set(CURLOPT_TIMEOUT_MS, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let authorities {
            set(CURLOPT_CAINFO, authorities)
            set(CURLOPT_CAPATH, nil as String?)
        }
    }

    deinit {
        // The farewell of a conversation is said in here, and still calls back.
        withExtendedLifetime(callbacks) { curl_easy_cleanup(handle) }
        for list in lists { curl_slist_free_all(list) }
    }

    /// Sets a text.
    public func set(_ option: CurlOption.Text, _ value: String) { set(option.code, value) }

    /// Sets a number.
    public func set(_ option: CurlOption.Number, _ value: Int) { set(option.code, value) }

    /// Sets a list of texts; throws without memory.
    public func set(_ option: CurlOption.List, _ values: [String]) throws(CurlFailure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values {
            guard let longer = curl_slist_append(list, value) else {
                curl_slist_free_all(list)
                throw CurlFailure(reason: "no memory")
            }
            list = longer
        }
        guard let list else { return }
        lists.append(list)
        set(option.code, list)
    }

    /// Sends this body, which libcurl copies, as `application/x-www-form-urlencoded` unless a header says otherwise.
    public func post(_ body: [UInt8]) {
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE, body.count)
        body.withUnsafeBytes { bytes in
            set(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
    }

    /// Has `body` fill buffers with what is to be sent; it returns how many bytes it put, none at the end.
    public func onUpload(_ body: @escaping (UnsafeMutableRawBufferPointer) -> Int) {
        callbacks.upload = body
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_READDATA, callbacks.pointer)
        set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let callbacks = CurlCallbacks.from(context) else { return 0 }
            return callbacks.upload?(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
    }

    /// Tells `body` each line that the server says before a body, status lines and replies included.
    public func onLine(_ body: @escaping (UnsafeRawBufferPointer) -> Void) {
        callbacks.line = body
        set(CURLOPT_HEADERDATA, callbacks.pointer)
        set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let callbacks = CurlCallbacks.from(context) else { return 0 }
            callbacks.line?(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
    }

    /// Gives `body` what arrives; the exchange fails when it returns false.
    public func onDownload(_ body: @escaping (UnsafeRawBufferPointer) -> Bool) {
        callbacks.download = body
        set(CURLOPT_WRITEDATA, callbacks.pointer)
        set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let callbacks = CurlCallbacks.from(context) else { return 0 }
            let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return callbacks.download?(piece) == true ? piece.count : 0
        }
    }

    /// Returns once the server has answered, whatever it says; blocks for at most twice the time: once for the exchange, once for
    /// the farewell, at the end of this object, of a server that has become silent. Lines are told until this returns.
    public func perform() throws(CurlFailure) {
        let explanation = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        explanation.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { explanation.deallocate() }
        set(CURLOPT_ERRORBUFFER, explanation)
        let outcome = curl_easy_perform(handle)
        callbacks.line = nil
        set(CURLOPT_ERRORBUFFER, nil as UnsafeMutableRawPointer?)
        guard outcome != CURLE_OK else { return }
        let reason: UnsafePointer<CChar>? =
            explanation[0] == 0 ? curl_easy_strerror(outcome) : UnsafePointer(explanation)
        throw CurlFailure(reason: reason.map { CurlFailure.line(String(cString: $0)) } ?? "")
    }

    /// The status of the answer to an HTTP request; 0 before there is one.
    public var status: Int {
        var status = 0
        check(weir_curl_get_number(handle, CURLINFO_RESPONSE_CODE, &status))
        return status
    }

    // MARK: Options

    /// Options that libcurl does not know, or values it does not take, are a bug of ours.
    private func set(_ option: CURLoption, _ value: Int) { check(weir_curl_set_number(handle, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) { check(weir_curl_set_text(handle, option, value)) }

    private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        check(weir_curl_set_pointer(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: @escaping weir_curl_callback) {
        check(weir_curl_set_callback(handle, option, value))
    }

    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "an option of libcurl")
    }
}

/// What libcurl calls back; an object of its own, since it does so while the transfer ends as well.
private final class CurlCallbacks {
    var upload: ((UnsafeMutableRawBufferPointer) -> Int)?
    var line: ((UnsafeRawBufferPointer) -> Void)?
    var download: ((UnsafeRawBufferPointer) -> Bool)?

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func from(_ context: UnsafeMutableRawPointer?) -> CurlCallbacks? {
        context.map { Unmanaged<CurlCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }
}
