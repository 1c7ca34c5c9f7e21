internal import HTTPServer
public import HTTPWire
internal import Identity
internal import JSON
internal import JSONSchema
internal import Library

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
    /// What was wrong with the body, each with its JSON path.
    private(set) var errors: [SchemaViolation] = []
    /// The parameter that was wrong.
    private(set) var parameter: String?
    /// After how many seconds the same call may be made again.
    private(set) var retryAfterSeconds: Int64?
    /// The limit that was in the way.
    var excess: Quotas.Excess?
    /// What is there now, where the caller expected another version.
    private(set) var entityTag: EntityTag?

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

    static func editedMeanwhile(_ entityTag: EntityTag) -> Problem {
        var problem = Problem(
            .preconditionFailed, "edited_meanwhile",
            "Somebody has changed it since you read it; read it again and repeat the change with If-Match: "
                + "\(entityTag.fieldValue).")
        problem.entityTag = entityTag
        return problem
    }

    /// A member of a body that is as the description says, and asks for what cannot be.
    static func unprocessable(
        _ field: String, _ detail: String, code: String = "unprocessable"
    ) -> Problem {
        violations([SchemaViolation(path: "$.\(field)", message: detail)], .unprocessableContent, code)
    }

    /// What is wrong with a body, one thing at least; the sentence is about the first.
    static func violations(
        _ violations: [SchemaViolation], _ status: HTTPStatus = .badRequest, _ code: String = "invalid_request"
    ) -> Problem {
        let first = violations[0]
        let place = first.path == "$" ? "The body" : String(first.path.dropFirst(first.path.hasPrefix("$.") ? 2 : 1))
        var problem = Problem(status, code, "\(place) \(first.message)")
        problem.errors = violations
        return problem
    }

    /// A parameter that is not as the description says.
    static func invalidParameter(_ name: String, _ detail: String) -> Problem {
        about(parameter: name, detail, .badRequest, "invalid_request")
    }

    /// A parameter that is as the description says, and asks for what cannot be.
    static func unprocessableParameter(_ name: String, _ detail: String) -> Problem {
        about(parameter: name, detail, .unprocessableContent, "unprocessable")
    }

    private static func about(
        parameter: String, _ detail: String, _ status: HTTPStatus, _ code: String
    ) -> Problem {
        var problem = Problem(status, code, "\(parameter) \(detail)")
        problem.parameter = parameter
        return problem
    }

    static let bodyMissing = Problem(
        .badRequest, "invalid_request", "The body is required: a JSON object with what openapi.json says of this call.")
    static let idempotencyKeyReused = Problem(
        .unprocessableContent, "idempotency_key_reused",
        "Another call was sent under this Idempotency-Key; use a new key for this one.")
    static let idempotencyUnderWay: Problem = {
        var problem = Problem(
            .conflict, "idempotency_under_way", "The call under this Idempotency-Key is being carried out; ask again.")
        problem.retryAfterSeconds = 1
        return problem
    }()
    static let idempotencyOutcomeUnknown = Problem(
        .conflict, "idempotency_outcome_unknown",
        "The call under this Idempotency-Key was interrupted, and it is not known whether it was carried out; look, and use a new key."
    )

    static func rateLimited(_ allowance: CallAllowance, perMinute: Int64, retryAfterSeconds: Int64) -> Problem {
        var problem = Problem(
            .tooManyRequests, "rate_limited",
            "More than \(perMinute) \(allowance.rawValue) a minute; try again in \(retryAfterSeconds) s.")
        problem.retryAfterSeconds = retryAfterSeconds
        return problem
    }

    static func tooManyComments(perMinute: Int) -> Problem {
        var problem = Problem(
            .tooManyRequests, "too_many_comments",
            "An account writes at most \(perMinute) comments a minute; try again in a minute.")
        problem.retryAfterSeconds = 60
        return problem
    }

    /// The problem as an answer.
    func response(requestId: String) -> Response {
        var document: JSONObject = [
            "type": "about:blank", "title": .string("\(status.reasonPhrase)"), "status": .integer(Int64(status.code)),
            "detail": .string(detail), "code": .string(code), "requestId": .string(requestId),
        ]
        if let excess {
            document["quota"] = [
                "resource": .string(excess.resource.rawValue), "used": .integer(excess.used),
                "asked": .integer(excess.asked), "allowed": .integer(excess.allowed),
            ]
        }
        if let entityTag { document["etag"] = .string(entityTag.fieldValue) }
        if let requiredRole { document["requiredRole"] = .string(requiredRole.rawValue) }
        if let parameter { document["parameter"] = .string(parameter) }
        if !errors.isEmpty {
            document["errors"] = .array(
                errors.map { .object(["path": .string($0.path), "detail": .string($0.message)]) })
        }
        var response = Response(
            status: status, contentType: "application/problem+json", bytes: document.serialized())
        response.headers.set("Cache-Control", "no-store")
        if let entityTag { response.headers.set("ETag", entityTag.fieldValue) }
        if status == .unauthorized {
            let error = code == "invalid_token" ? " error=\"invalid_token\"" : " realm=\"weir\""
            response.headers.set("WWW-Authenticate", "Bearer" + error)
        }
        let seconds = retryAfterSeconds ?? (status == .serviceUnavailable ? 1 : nil)
        if let seconds { response.headers.set("Retry-After", "\(seconds)") }
        return response
    }
}
