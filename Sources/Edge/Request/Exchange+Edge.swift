import Bytes
import CacheRules
import HTTPServer
import HTTPWire
import Telemetry

extension Exchange {
    /// The first field of that name, any case; valid until control returns to the loop.
    func field(_ name: StaticString) -> UnsafeRawBufferPointer? {
        let bytes = headBytes
        return field(named: name, in: bytes)?.bytes(in: bytes)
    }

    var isHead: Bool { head.method == .head }

    /// How many more times the request may be forwarded (RFC 9110 §7.6.2); `nil` when the client does not say, and for
    /// methods it has no meaning for.
    var maxForwards: UInt64? {
        head.method == .options ? field("max-forwards").flatMap { ASCII.parseDecimal($0) } : nil
    }

    /// Writes what every response of the edge carries: what the cache did, who served it, and the behavior's own fields.
    func writeEdgeFields(
        to writer: inout HeadWriter, _ served: Served, policy: ResponseHeadersPolicy?, status: Int
    ) {
        writer.field("X-Cache", served.shown.xCache)
        writer.field("Via", "1.1 weir")
        writer.buffer.append("X-Amz-Cf-Id: ")
        requestID.append(to: &writer.buffer)
        writer.buffer.append("\r\n")
        writer.buffer.append("Cache-Status: ")
        served.status.write(name: "weir", to: &writer.buffer)
        writer.buffer.append("\r\n")
        guard let policy else { return }
        if let cors = policy.cors { writeCrossOriginFields(cors, to: &writer) }
        if isTLS, let value = policy.strictTransportSecurity {
            writer.field("Strict-Transport-Security", string: value)
        }
        for custom in policy.customHeaders where status < 400 || !custom.isCacheControl {
            writer.field(name: custom.name, value: custom.value)
        }
    }

    private func writeCrossOriginFields(_ rules: CrossOriginRules, to writer: inout HeadWriter) {
        writer.field("Vary", "Origin")
        guard let origin = field("origin") else { return }
        if rules.origins != nil, !rules.allows(origin: String(decoding: origin, as: UTF8.self)) { return }
        writer.field("Access-Control-Allow-Origin", origin)
        if rules.allowsCredentials { writer.field("Access-Control-Allow-Credentials", "true") }
        if !rules.exposedHeaders.isEmpty {
            writer.field("Access-Control-Expose-Headers", string: rules.exposedHeaders)
        }
    }

    /// Answers with a short text of the edge's own.
    func answerOnLoop(
        _ status: HTTPStatus, _ text: String, policy: ResponseHeadersPolicy?,
        fields: (inout HeadWriter) -> Void = { _ in }
    ) {
        tag = CacheResult.error.rawValue
        var text = text + "\n"
        text.withUTF8 { body in
            respondOnLoop(status: status, body: UnsafeRawBufferPointer(body)) { writer in
                writer.field("Content-Type", "text/plain; charset=utf-8")
                writer.field("Cache-Control", "no-store")
                fields(&writer)
                writeEdgeFields(to: &writer, Served(.error), policy: policy, status: status.code)
            }
        }
    }

    /// Answers for an origin that brought no response.
    func failOnLoop(_ failure: FillFailure, policy: ResponseHeadersPolicy?) {
        answerOnLoop(HTTPStatus(code: failure.status), failure.reason, policy: policy)
    }
}

extension ResponseHeadersPolicy.CustomHeader {
    /// A lifetime set for what exists must not make an error last as long.
    fileprivate var isCacheControl: Bool { ASCII.equalsIgnoringCase(name, "cache-control") }
}
