import Bytes
import HTTPClient
import HTTPServer
import HTTPWire

/// An interim response of an origin's (RFC 9110 §15.2) in the form clients get it, such as 103 with its links.
struct InterimHead: Sendable {
    let status: HTTPStatus
    /// End-to-end fields, each line ready for the wire.
    let fields: [UInt8]

    /// `nil` for 100 and 101: both answer what the edge never asks of an origin.
    init?(_ response: ClientResponseHead) {
        guard 102..<200 ~= response.status.code else { return nil }
        status = response.status
        fields = ResponseFields.passing(response.headers, policy: nil)
    }
}

extension Exchange {
    /// Does nothing once the final response has begun.
    func relayOnLoop(_ hint: InterimHead) {
        sendInterimOnLoop(hint.status) { writer in
            hint.fields.withUnsafeBytes { writer.buffer.append($0) }
        }
    }
}
