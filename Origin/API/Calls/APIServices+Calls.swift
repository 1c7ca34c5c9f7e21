internal import Bytes
internal import EventLoop
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import JSON
internal import JSONSchema
internal import Library
internal import Publishing
internal import SQLiteDatabase
internal import Telemetry
internal import Viewing

/// What is done to every call before and after it is carried out.
extension APIServices {
    /// Answers a call: whoever makes it is known, may make it and has calls left, and what it says is as the description says. Whatever is thrown
    /// becomes a problem.
    func answer(_ request: Request, _ endpoint: Endpoint, _ described: APIDescription.Call) async -> Response {
        var standing: CallGate.Standing?
        var response: Response
        do {
            let (request, caller) = try await admitted(request, to: endpoint, described.allowance, &standing)
            try check(request, against: described.parameters)
            let checked = try await checked(request, against: described.body)
            response = try await once(checked, by: caller) { try await endpoint.handler(self, $0, caller) }
        } catch {
            response = problem(error, request).response(requestId: request.requestID)
        }
        standing?.add(to: &response)
        return response
    }

    /// Who makes the call, after it was seen that they may; counted against what they have left.
    private func admitted(
        _ request: Request, to endpoint: Endpoint, _ allowance: CallAllowance, _ standing: inout CallGate.Standing?
    ) async throws -> (Request, Caller?) {
        if endpoint.access == .workers {
            try requireWorker(request)
            return (request, nil)
        }
        let (request, caller) = try await identified(request, for: endpoint.access) {
            // Tokens and signatures that are tried out count as what they were tried with.
            standing = try gate.admit(nil, to: allowance, at: now())
        }
        standing = try gate.admit(caller, to: allowance, at: now())
        switch endpoint.access {
        case .role(let role):
            guard let caller else { throw Problem.unauthenticated }
            guard caller.role >= role else { throw Problem.needs(role, not: caller.role) }
        case .account: if caller == nil { throw Problem.unauthenticated }
        case .everyone, .anyone, .workers: break
        }
        return (request, caller)
    }

    /// Who makes the call; `refused` runs for who claims to be somebody and is not.
    private func identified(
        _ request: Request, for access: Endpoint.Access, _ refused: () throws -> Void
    ) async throws -> (Request, Caller?) {
        guard access != .everyone else { return (request, nil) }
        do {
            guard access != .account || !Self.isSigned(request) else { throw Problem.isForPeople }
            return try await identified(request)
        } catch let problem as Problem {
            try refused()
            throw problem
        }
    }

    /// Refuses a query that is not what the description asks for; parameters that it does not know are passed over.
    private func check(_ request: Request, against parameters: [APIDescription.Parameter]) throws {
        guard !parameters.isEmpty, request.query != nil else { return }
        let query = try APIQuery(request)
        for parameter in parameters { try query.check(parameter) }
    }

    /// The request with its body read and found to be what the description asks for.
    private func checked(_ request: Request, against body: APIDescription.Body?) async throws -> Request {
        guard let body else { return request }
        var request = request
        let bytes = try await APIInput.collect(request, limit: body.maximumBytes)
        request.body = RequestBody(bytes)
        if bytes.isEmpty {
            guard !body.isRequired else { throw Problem.bodyMissing }
            return request
        }
        let object = try APIInput.object(bytes, of: request)
        let violations = body.schema.violations(of: .object(object))
        guard violations.isEmpty else { throw Problem.violations(violations) }
        request.content = object
        return request
    }

    /// Carries a change out once however often its sender repeats it under one `Idempotency-Key`.
    private func once(
        _ request: Request, by caller: Caller?, _ body: (Request) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post, let caller, let field = request.headers.first("idempotency-key") else {
            return try await body(request)
        }
        let isQuoted = field.utf8.count > 2 && field.hasPrefix("\"") && field.hasSuffix("\"")
        let key = isQuoted ? String(field.dropFirst().dropLast()) : field
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Problem(
                .badRequest, "invalid_idempotency_key",
                "Idempotency-Key must be 1 to 255 visible characters of ASCII, such as a UUID.")
        }
        return try await idempotentCalls.answer(request, of: caller, key: key, body)
    }

    private func problem(_ error: any Error, _ request: Request) -> Problem {
        let problem: Problem =
            switch error {
            case let problem as Problem: problem
            case let refusal as any Refusal: Problem(refusal)
            case let refusal as Captions.Refusal: Problem(refusal)
            case let excess as Quotas.Excess: Problem(excess)
            case is BlockingPool.Overloaded, is Viewing.Overloaded: .overloaded
            case let error as DatabaseError where error.code == .busy: .overloaded
            case let error as DatabaseError where error.code == .diskFull: .storageFull
            case is RequestBodyError: Problem(.badRequest, "body_incomplete", "The body ended before its length.")
            default: .internalError
            }
        if problem.status.code >= 500 {
            logger.error(
                "api call failed",
                [
                    "request_id": .string(request.requestID), "method": .text(request.method),
                    "path": .string(request.path), "error": .error(error),
                ])
        }
        return problem
    }
}
