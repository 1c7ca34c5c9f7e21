internal import HTTPServer
public import HTTPWire
internal import Identity
internal import JSON
internal import SigningKeys

/// A refusal as RFC 9457 problem details: a status, a name a program can compare, and a sentence for people.
public struct Problem: Error, Sendable, Equatable {
    /// The HTTP status.
    public let status: HTTPStatus
    /// A name that stays, such as `video_not_found`.
    public let code: String
    /// What was wrong with this request, and the way out.
    public let detail: String
    /// The role that would have been enough, where too weak a one was the reason.
    private(set) var requiredRole: Role?

    /// Makes a problem.
    public init(_ status: HTTPStatus, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    static let unauthenticated = Problem(
        .unauthorized, "unauthenticated",
        "Send an access token as 'Authorization: Bearer …', or sign the call with an access key (SigV4).")
    static let invalidToken = Problem(
        .unauthorized, "invalid_token", "The access token is invalid, expired or revoked; sign in again.")
    static let notTheirs = Problem(
        .forbidden, "forbidden", "Only the owner of the video and accounts with the role admin may do this.")
    static let keyIsForNoCalls = Problem(
        .forbidden, "forbidden", "The access key's role is for edges or workers, which have calls of their own.")
    static let isForPeople = Problem(
        .forbidden, "forbidden", "This is for accounts of people; machines have none of it.")
    static let videoNotFound = Problem(.notFound, "video_not_found", "There is no such video, or it is not for you.")
    static let jobNotFound = Problem(.notFound, "job_not_found", "There is no such job.")
    static let leaseLost = Problem(
        .conflict, "lease_lost", "Another worker has this job, or nobody does; stop working on it.")
    static let overloaded = Problem(.serviceUnavailable, "overloaded", "Too much at once; try again in a second.")
    static let storageFull = Problem(507, "storage_full", "There is no room left.")
    static let internalError = Problem(.internalServerError, "internal_error", "Something failed on our side.")

    static func needs(_ role: Role, not given: Role) -> Problem {
        var problem = Problem(
            .forbidden, "role_required", "This needs the role \(role.rawValue); you have the role \(given.rawValue).")
        problem.requiredRole = role
        return problem
    }

    static func invalid(_ field: String, _ detail: String) -> Problem {
        Problem(.badRequest, "invalid_request", "\(field) \(detail)")
    }

    /// Why something is not done to a key.
    init(_ refusal: KeyRefusal) {
        let status: HTTPStatus =
            switch refusal.code {
            case .notFound: .notFound
            case .unusable: .badRequest
            case .tooMany, .signs, .retired, .cannotSign, .rotating: .conflict
            }
        self.init(status, refusal.code.rawValue, refusal.message)
    }

    /// The problem as an answer.
    func response(requestId: String) -> Response {
        var document: JSONObject = [
            "type": "about:blank", "title": .string("\(status.reasonPhrase)"), "status": .integer(Int64(status.code)),
            "detail": .string(detail), "code": .string(code), "requestId": .string(requestId),
        ]
        if let requiredRole { document["requiredRole"] = .string(requiredRole.rawValue) }
        var response = Response(
            status: status, contentType: "application/problem+json", bytes: document.serialized())
        response.headers.set("Cache-Control", "no-store")
        if status == .unauthorized {
            let error = code == "invalid_token" ? " error=\"invalid_token\"" : " realm=\"weir\""
            response.headers.set("WWW-Authenticate", "Bearer" + error)
        }
        if status == .serviceUnavailable { response.headers.set("Retry-After", "1") }
        return response
    }
}
