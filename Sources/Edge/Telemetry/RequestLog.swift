import AccessLog
import Bytes
import EventLoop
import Geolocation
import HTTPServer
import HTTPWire
import Telemetry

/// Writes the line of each finished exchange of a loop. Loop-confined; once its memory has grown it allocates nothing.
final class RequestLog {
    private let settings: AccessLogSettings
    private let secrets: SecretParameters
    private let channel: LogChannel
    private var json = JSONLine()
    private var w3c = W3CLine()
    /// Of the request whose line is written.
    private let record = AccessRecord()
    private let location: LastingText
    /// By scope: what the line says of distribution and behavior.
    private var scopes: [(distribution: AccessText, behavior: AccessText)] = []
    /// Where the texts of `scopes` lie, which are looked up without counting references.
    private var names: [LastingText] = []
    /// The ids of request and trace, 64 bytes and 32.
    private let ids = UnsafeMutableRawBufferPointer.allocate(byteCount: 96, alignment: 8)
    private var address = GrowableBuffer()
    private var query = GrowableBuffer()
    private var referrer = GrowableBuffer()
    private var cookies = GrowableBuffer()
    private var playerData = PlayerData()

    init(_ settings: AccessLogSettings, to channel: LogChannel) {
        self.settings = settings
        self.channel = channel
        secrets = SecretParameters(and: settings.redactedParameters)
        location = LastingText(settings.location)
    }

    deinit {
        ids.deallocate()
    }

    /// Its time is that of the loop's turn.
    ///
    /// - Parameters:
    ///   - country: the client's, if a database knows it.
    ///   - trace: the one that is recorded, if any.
    func finishedOnLoop(
        _ exchange: Exchange, _ outcome: ExchangeOutcome, result: CacheResult, metrics: LoopMetrics,
        country: CountryCode?, trace: TraceContext.TraceID?
    ) {
        let facts = exchange.requestFacts
        record.removeOptional()
        record.epochNanoseconds = exchange.loop.epochNanoseconds
        name(exchange, trace: trace)
        describe(scope: exchange.scope, metrics)
        if let facts { describeRequest(of: exchange, facts) }
        describeResponse(of: exchange, outcome, result)
        write(exchange, facts, country)
    }

    /// The line of a request that nobody but the server has answered, with as much of it as was understood.
    func refusedOnLoop(_ exchange: Exchange, _ refusal: RefusedRequest, country: CountryCode?) {
        let facts = refusal.hasHead ? exchange.requestFacts : nil
        record.removeOptional()
        record.epochNanoseconds = exchange.loop.epochNanoseconds
        name(exchange, trace: nil)
        if let facts { describeRequest(of: exchange, facts) }
        record.requestBytes = refusal.requestBytes
        record.status = refusal.status
        record.bodyBytes = refusal.bodyBytes
        record.responseBytes = refusal.headBytes + refusal.bodyBytes
        record.contentType = .none
        record.contentLength = refusal.bodyBytes
        record.range = nil
        record.isComplete = true
        record.firstByteNanoseconds = 0
        record.nanoseconds = 0
        record.cache = CacheResult.none.label
        record.responseType = .error
        record.cause = refusal.status == HTTPStatus.requestTimeout.code ? .clientCommError : .invalidRequest
        write(exchange, facts, country)
    }

    @inline(__always)
    private func write(_ exchange: Exchange, _ facts: RequestFacts?, _ country: CountryCode?) {
        let key = key(of: exchange, facts, country)
        switch settings.format {
        case .json:
            let sender = json.text(of: key) ?? json.learn(sender(of: exchange, key, facts, country), as: key)
            let room = channel.reserve(JSONLine.mostBytes(record, from: sender))
            channel.commit(json.write(record, from: sender, to: room))
        case .w3c:
            let sender = w3c.text(of: key) ?? w3c.learn(sender(of: exchange, key, facts, country), as: key)
            let room = channel.reserve(W3CLine.mostBytes(record, from: sender))
            channel.commit(w3c.write(record, from: sender, to: room))
        }
    }

    // MARK: The sender

    private func key(of exchange: Exchange, _ facts: RequestFacts?, _ country: CountryCode?) -> SenderKey {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        var key = SenderKey(connection: exchange.connectionNumber, head: facts?.headBytes ?? none)
        if let country { key.country = UInt16(country.letters.0) << 8 | UInt16(country.letters.1) }
        guard facts != nil else { return key }
        key.minorVersion = UInt8(truncatingIfNeeded: exchange.head.minorVersion)
        key.method = exchange.head.methodName
        key.host = exchange.head.host ?? .empty
        key.referrer = exchange.head.referrer
        key.userAgent = exchange.head.userAgent
        key.forwardedFor = exchange.head.forwardedFor
        return key
    }

    private func sender(
        of exchange: Exchange, _ key: SenderKey, _ facts: RequestFacts?, _ country: CountryCode?
    ) -> AccessSender {
        var sender = AccessSender()
        sender.location = location.text
        address.removeAll()
        exchange.peer.appendIP(to: &address)
        let end = address.count
        if let country { withUnsafeBytes(of: country.letters) { address.append($0) } }
        sender.client = AccessText(address.readable, from: 0, to: end)
        sender.country = AccessText(address.readable, from: end, to: address.count)
        sender.port = Int(exchange.peer.port)
        sender.isTLS = exchange.isTLS
        if let tls = exchange.tlsFacts {
            sender.tlsVersion = AccessText(tls.version)
            sender.tlsCipher = AccessText(tls.cipher)
        }
        guard let facts else { return sender }
        let bytes = facts.headBytes
        sender.httpVersion = facts.httpVersion
        sender.method = AccessText(key.method, in: bytes)
        sender.host = AccessText(key.host, in: bytes)
        sender.referrer = AccessText(secrets.redacted(address: key.referrer.bytes(in: bytes), using: &referrer))
        sender.userAgent = AccessText(key.userAgent, in: bytes)
        sender.forwardedFor = AccessText(key.forwardedFor, in: bytes)
        return sender
    }

    // MARK: The request

    private func name(_ exchange: Exchange, trace: TraceContext.TraceID?) {
        guard let id = ids.baseAddress else { return }
        let bytes = UnsafeRawBufferPointer(start: id, count: 96)
        record.requestID = AccessText(bytes, from: 0, to: exchange.writeRequestID(to: id))
        guard let trace else { return }
        for (index, half) in [HexadecimalDigits(of: trace.high), HexadecimalDigits(of: trace.low)].enumerated() {
            id.storeBytes(of: half.first, toByteOffset: 64 + 16 * index, as: UInt64.self)
            id.storeBytes(of: half.last, toByteOffset: 72 + 16 * index, as: UInt64.self)
        }
        record.traceID = AccessText(bytes, from: 64, to: 96)
    }

    private func describe(scope: UInt32, _ metrics: LoopMetrics) {
        guard scope > 0 else { return }
        while scopes.count < scope {
            let known = metrics.behavior(of: UInt32(scopes.count + 1))
            let texts = (LastingText(known?.distribution ?? ""), LastingText(known?.name ?? ""))
            names += [texts.0, texts.1]
            scopes.append((texts.0.text, texts.1.text))
        }
        record.scope = scope
        (record.distribution, record.behavior) = scopes[Int(scope) - 1]
    }

    private func describeRequest(of exchange: Exchange, _ facts: RequestFacts) {
        record.requestBytes = facts.requestBytes
        let bytes = facts.headBytes
        record.path = AccessText(exchange.head.path, in: bytes)
        if let text = exchange.head.query?.bytes(in: bytes) {
            record.query = AccessText(secrets.redacted(text, using: &query))
            record.cmcd.0 = AccessText(playerData.parameter(in: text))
        }
        if exchange.hasMediaFields { describeMedia(of: exchange) }
        if settings.logsCookieNames, exchange.head.contains(.cookie) {
            record.cookieNames = AccessText(cookieNames(exchange))
        }
    }

    /// What the player says of itself in fields.
    private func describeMedia(of exchange: Exchange) {
        func text(of name: KnownField) -> AccessText { exchange.field(name).map { AccessText($0) } ?? .none }
        record.cmcd.1 = text(of: .cmcdRequest)
        record.cmcd.2 = text(of: .cmcdObject)
        record.cmcd.3 = text(of: .cmcdStatus)
        record.cmcd.4 = text(of: .cmcdSession)
    }

    // MARK: The response

    private func describeResponse(of exchange: Exchange, _ outcome: ExchangeOutcome, _ result: CacheResult) {
        record.status = outcome.status
        record.bodyBytes = outcome.bodyBytes
        record.responseBytes = exchange.notes.headBytes + outcome.bodyBytes
        record.contentType = AccessText(exchange.notes.contentType)
        record.contentLength = exchange.notes.contentLength
        record.range = exchange.notes.range
        record.isComplete = outcome.isComplete
        record.firstByteNanoseconds = outcome.firstByteNanoseconds
        record.nanoseconds = outcome.nanoseconds
        record.cache = result.label
        record.responseType = result.type
        record.cause = DetailedResultType(rawValue: exchange.detail) ?? .none
        if exchange.hasSourceFailed { record.cause = .originReadError }
        if outcome.status >= 400, record.responseType != .limitExceeded,
            record.responseType != .capacityExceeded
        {
            record.responseType = .error
            if outcome.status >= 500, record.cause == .none { record.cause = .originError }
        }
        if result == .geoBlocked { record.cause = .clientGeoBlocked }
    }

    // MARK: Texts

    /// `a; b`: values are nobody's business.
    private func cookieNames(_ exchange: Exchange) -> UnsafeRawBufferPointer {
        cookies.removeAll()
        let bytes = exchange.headBytes
        for field in exchange.head.fields where field.known == .cookie {
            let value = field.value.bytes(in: bytes)
            for pair in value.split(separator: UInt8(ascii: ";")) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                if !cookies.isEmpty { cookies.append("; ") }
                cookies.append(ASCII.trimmed(UnsafeRawBufferPointer(rebasing: pair[..<equals])))
            }
        }
        return cookies.readable
    }
}

/// Text whose bytes stay where they are as long as somebody has it.
private final class LastingText {
    let text: AccessText
    private let memory: UnsafeMutableRawBufferPointer

    init(_ string: String) {
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: string.utf8.count, alignment: 1)
        memory.copyBytes(from: string.utf8)
        text = AccessText(UnsafeRawBufferPointer(memory))
    }

    deinit {
        memory.deallocate()
    }
}
