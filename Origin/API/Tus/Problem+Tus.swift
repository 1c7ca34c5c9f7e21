internal import HTTPWire
internal import Tus

extension Problem {
    static let tusVersion = Problem(
        .preconditionFailed, "tus_version",
        "Send Tus-Resumable: \(TusProtocol.version); no other version is spoken here.")
    static let notTusBytes = Problem(
        .unsupportedMediaType, "not_upload_bytes", "Send the bytes as 'Content-Type: \(TusProtocol.mediaType)'.")

    /// A field of the head that is not what it should be.
    static func invalidField(_ name: String, _ detail: String) -> Problem {
        Problem(.badRequest, "invalid_request", "\(name) \(detail)")
    }
}

extension TusRefusal: Refusal {
    var status: HTTPStatus {
        switch code {
        case .notFound: .notFound
        case .expired: .gone
        case .wrongOffset, .busy, .finished, .unfinished: .conflict
        case .isFinal: .forbidden
        case .noPartial, .wrongLength: .badRequest
        case .tooLarge: .contentTooLarge
        case .checksumMismatch: 460
        case .storageFull: 507
        case .overloaded: .serviceUnavailable
        }
    }
}
