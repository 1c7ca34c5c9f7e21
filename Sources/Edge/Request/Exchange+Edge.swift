import AccessLog
import Bytes
import CacheRules
import HTTPServer
import HTTPWire
import Telemetry

extension Exchange {
    var isHead: Bool { head.method == .head }

    /// How many more times the request may be forwarded (RFC 9110 §7.6.2); `nil` when the client does not say, and for
    /// methods it has no meaning for.
    var maxForwards: UInt64? {
        head.method == .options ? field(.maxForwards).flatMap { ASCII.parseDecimal($0) } : nil
    }

    /// Writes what every response of the edge carries: what the cache did, who served it, and the behavior's own fields.
    ///
    /// - Parameter origins: the origin's fields, as lines; empty in what the edge says itself.
    func writeEdgeFields(
        to writer: inout HeadWriter, _ served: Served, policy: ResponseHeadersPolicy?, status: Int,
        besides origins: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        writer.field("X-Cache", served.shown.xCache)
        writer.buffer.append("Via: 1.1 weir\r\nX-Amz-Cf-Id: ")
        appendRequestID(to: &writer.buffer)
        writer.buffer.append("\r\nCache-Status: ")
        served.status.write(name: "weir", to: &writer.buffer)
        writer.buffer.append("\r\n")
        guard let policy else { return }
        if let cors = policy.cors { writeCrossOriginFields(cors, to: &writer) }
        policy.writeFields(to: &writer, isTLS: isTLS, status: status, besides: origins)
        if policy.tellsTiming { writeTiming(served, to: &writer) }
    }

    /// In CloudFront's names, which browsers show beside what they measured themselves.
    private func writeTiming(_ served: Served, to writer: inout HeadWriter) {
        writer.buffer.append("Server-Timing: ")
        switch served.result {
        case .hit, .staleHit, .revalidatingHit: writer.buffer.append("cdn-cache-hit, ")
        case .refreshHit: writer.buffer.append("cdn-cache-refresh, ")
        case .miss, .collapsedMiss, .pass: writer.buffer.append("cdn-cache-miss, ")
        case .error, .redirect, .limitExceeded, .geoBlocked, .capacityExceeded, .none: break
        }
        writer.buffer.append("cdn-rid;desc=\"")
        appendRequestID(to: &writer.buffer)
        writer.buffer.append("\"\r\n")
    }

    private func writeCrossOriginFields(_ rules: CrossOriginRules, to writer: inout HeadWriter) {
        writer.field("Vary", "Origin")
        guard let origin = field(.origin) else { return }
        if rules.origins != nil, !rules.allows(origin: String(decoding: origin, as: UTF8.self)) { return }
        writer.field("Access-Control-Allow-Origin", origin)
        if rules.allowsCredentials { writer.field("Access-Control-Allow-Credentials", "true") }
        if !rules.exposedHeaders.isEmpty {
            writer.field("Access-Control-Expose-Headers", string: rules.exposedHeaders)
        }
    }

    /// Answers with a short text of the edge's own.
    func answerOnLoop(
        _ status: HTTPStatus, _ text: String, policy: ResponseHeadersPolicy?, result: CacheResult = .error,
        fields: (inout HeadWriter) -> Void = { _ in }
    ) {
        tag = result.rawValue
        var text = text + "\n"
        text.withUTF8 { body in
            respondOnLoop(status: status, body: UnsafeRawBufferPointer(body)) { writer in
                writer.field("Content-Type", "text/plain; charset=utf-8")
                writer.field("Cache-Control", "no-store")
                fields(&writer)
                writeEdgeFields(to: &writer, Served(result), policy: policy, status: status.code)
            }
        }
    }

    /// Answers for an origin that brought no response.
    func failOnLoop(_ failure: FillFailure, policy: ResponseHeadersPolicy?) {
        detail = failure.cause.rawValue
        answerOnLoop(
            HTTPStatus(code: failure.status), failure.reason, policy: policy,
            result: failure == .overloaded ? .capacityExceeded : .error)
    }
}
