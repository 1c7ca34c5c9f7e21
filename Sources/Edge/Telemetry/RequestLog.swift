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
    private let sink: any LogSink
    private var json = JSONLine()
    private var w3c = W3CLine()
    private var line = GrowableBuffer(capacity: 4_096)
    private let location: LastingText
    /// By scope: what the line says of distribution and behavior.
    private var scopes: [(distribution: LastingText, behavior: LastingText)] = []
    /// The request's id, the client's address and country, the trace's id.
    private var names = GrowableBuffer(capacity: 128)
    private var query = GrowableBuffer()
    private var referrer = GrowableBuffer()
    private var cookies = GrowableBuffer()
    private var cmcd = GrowableBuffer()

    init(_ settings: AccessLogSettings, sink: any LogSink) {
        self.settings = settings
        self.sink = sink
        secrets = SecretParameters(and: settings.redactedParameters)
        location = LastingText(settings.location)
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
        var record = AccessRecord()
        record.location = location.bytes
        name(exchange, country: country, trace: trace, in: &record)
        describe(exchange, scope: metrics, in: &record)
        describeRequest(of: exchange, in: &record)
        describeResponse(of: exchange, outcome, result, in: &record)
        line.removeAll()
        switch settings.format {
        case .json: json.append(record, to: &line)
        case .w3c: w3c.append(record, to: &line)
        }
        sink.write(line.readable)
    }

    private func name(
        _ exchange: Exchange, country: CountryCode?, trace: TraceContext.TraceID?, in record: inout AccessRecord
    ) {
        names.removeAll()
        exchange.appendRequestID(to: &names)
        let idEnd = names.count
        exchange.peer.appendIP(to: &names)
        let addressEnd = names.count
        if let country { withUnsafeBytes(of: country.letters) { names.append($0) } }
        let countryEnd = names.count
        if let trace {
            names.append(HexadecimalDigits(of: trace.high))
            names.append(HexadecimalDigits(of: trace.low))
        }
        let text = names.readable
        record.requestID = UnsafeRawBufferPointer(rebasing: text[..<idEnd])
        record.client = UnsafeRawBufferPointer(rebasing: text[idEnd..<addressEnd])
        record.country = UnsafeRawBufferPointer(rebasing: text[addressEnd..<countryEnd])
        record.traceID = UnsafeRawBufferPointer(rebasing: text[countryEnd...])
    }

    private func describe(_ exchange: Exchange, scope metrics: LoopMetrics, in record: inout AccessRecord) {
        record.epochNanoseconds = exchange.loop.epochNanoseconds
        record.port = Int(exchange.peer.port)
        record.isTLS = exchange.isTLS
        if exchange.isTLS {
            record.tlsVersion = exchange.tlsVersion
            record.tlsCipher = exchange.tlsCipher
        }
        record.httpVersion = exchange.httpVersion
        guard exchange.scope > 0 else { return }
        while scopes.count < exchange.scope {
            let known = metrics.behavior(of: UInt32(scopes.count + 1))
            scopes.append((LastingText(known?.distribution ?? ""), LastingText(known?.name ?? "")))
        }
        let scope = scopes[Int(exchange.scope) - 1]
        record.distribution = scope.distribution.bytes
        record.behavior = scope.behavior.bytes
    }

    private func describeRequest(of exchange: Exchange, in record: inout AccessRecord) {
        let bytes = exchange.headBytes
        record.method = exchange.head.methodName.bytes(in: bytes)
        if let host = exchange.head.host { record.host = host.bytes(in: bytes) }
        record.path = exchange.head.path.bytes(in: bytes)
        if let text = exchange.head.query?.bytes(in: bytes) {
            record.query = secrets.redacted(text, using: &query)
            record.cmcd.0 = metadata(in: text)
        }
        if let text = exchange.field(.referrer) { record.referrer = secrets.redacted(address: text, using: &referrer) }
        if let text = exchange.field(.userAgent) { record.userAgent = text }
        if let text = exchange.field(.forwardedFor) { record.forwardedFor = text }
        if settings.logsCookieNames, exchange.head.contains(.cookie) { record.cookieNames = cookieNames(exchange) }
        if let text = exchange.field(.cmcdRequest) { record.cmcd.1 = text }
        if let text = exchange.field(.cmcdObject) { record.cmcd.2 = text }
        if let text = exchange.field(.cmcdStatus) { record.cmcd.3 = text }
        if let text = exchange.field(.cmcdSession) { record.cmcd.4 = text }
        record.requestBytes = exchange.requestBytes
    }

    private func describeResponse(
        of exchange: Exchange, _ outcome: ExchangeOutcome, _ result: CacheResult, in record: inout AccessRecord
    ) {
        record.status = outcome.status
        record.bodyBytes = outcome.bodyBytes
        record.responseBytes = exchange.notes.headBytes + outcome.bodyBytes
        record.contentType = exchange.notes.contentType
        record.contentLength = exchange.notes.contentLength
        record.range = exchange.notes.range
        record.isComplete = outcome.isComplete
        record.firstByteNanoseconds = outcome.firstByteNanoseconds
        record.nanoseconds = outcome.nanoseconds
        record.cache = result.label
        record.responseType = result.type
        record.cause = DetailedResultType(rawValue: exchange.detail) ?? .none
        if exchange.hasSourceFailed { record.cause = .originReadError }
        if outcome.status >= 400, record.responseType != .limitExceeded, record.responseType != .capacityExceeded {
            record.responseType = .error
            if outcome.status >= 500, record.cause == .none { record.cause = .originError }
        }
        if result == .geoBlocked { record.cause = .clientGeoBlocked }
    }

    /// The value of the parameter `CMCD`, decoded; a request without one pays for a search.
    private func metadata(in query: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let name: StaticString = "CMCD="
        let start = name.withUTF8Buffer { ByteSearch.firstIndex(of: UnsafeRawBufferPointer($0), in: query) }
        guard let start, start == 0 || query[start - 1] == UInt8(ascii: "&") else { return none }
        let end = ByteSearch.firstIndex(of: UInt8(ascii: "&"), in: query, from: start) ?? query.count
        guard let list = PercentEncoding.decode(query[(start + 5)..<end]) else { return none }
        cmcd.removeAll()
        cmcd.append(list)
        return cmcd.readable
    }

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
    let bytes: UnsafeRawBufferPointer

    init(_ text: String) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        memory.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit {
        bytes.deallocate()
    }
}
