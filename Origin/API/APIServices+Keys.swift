internal import AccessSigning
internal import Bytes
internal import Catalog
internal import EdgeControl
internal import HTTPServer
internal import HTTPWire
internal import Identity
internal import JSON
internal import SigningKeys

extension APIServices {
    /// `GET /admin/keys`
    func listKeys(_ request: Request) async throws -> Response {
        let query = try APIQuery(request)
        let page = try await keys.reports(
            groupId: query.text("groupId"), limit: try query.limit(default: 50, maximum: 100),
            after: try PageKey.from(query))
        return APIServices.json(.ok, .page(page.items.map(\.json), next: page.next))
    }

    /// `GET /admin/keys/{keyPairId}`
    func getKey(_ request: Request) async throws -> Response {
        return APIServices.json(.ok, try await keys.report(id: request[parameter: "keyPairId"]).json)
    }

    /// `POST /admin/keys`: a key that edges trust and that signs nothing yet.
    func createKey(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let groupId = try input.keyGroup()
        let report: SigningKeys.Report
        if let pem = try input.text("publicKey", limit: 8_192, isMultiline: true) {
            report = try await keys.trust(publicKey: pem, groupId: groupId, by: caller.name)
        } else {
            report = try await keys.create(algorithm: try input.algorithm(), groupId: groupId, by: caller.name)
        }
        return APIServices.json(.created, report.json)
    }

    /// `POST /admin/keys/rotate`: another key signs as soon as every connected edge trusts it.
    func rotateKey(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let report = try await keys.rotate(
            to: try input.text("keyPairId", limit: 64), algorithm: try input.algorithm(), by: caller.name)
        return APIServices.json(.accepted, report.json)
    }

    /// `POST /admin/keys/sign`: the private half of the key that signs is nobody's but the origin's.
    func signPolicy(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let policy = try input.requiredText("policy", limit: 4_096)
        guard CloudFrontPolicy(parsing: Array(policy.utf8)) != nil else {
            throw Problem.unprocessable("policy", "is not the text of a policy that Weir's edges understand.")
        }
        let hash: CloudFrontHash? = try input.choice("hashAlgorithm")
        let signature = try await keys.sign(policy: policy, with: hash, by: caller.name)
        return APIServices.json(
            .ok,
            [
                "keyPairId": .string(signature.keyPairId),
                "hashAlgorithm": .string(signature.hash.rawValue),
                "signature": .string(signature.text),
            ])
    }

    /// `POST /admin/keys/{keyPairId}/retire`
    func retireKey(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let report = try await keys.retire(
            id: request[parameter: "keyPairId"], isUrgent: try input.bool("now") ?? false, by: caller.name)
        return APIServices.json(report.key.state == .retired ? .ok : .accepted, report.json)
    }

    /// `DELETE /admin/keys/{keyPairId}`: nobody trusts it any more; the record stays.
    func deleteKey(_ request: Request, by caller: Caller) async throws -> Response {
        let report = try await keys.retire(
            id: request[parameter: "keyPairId"], isUrgent: true, by: caller.name)
        return APIServices.json(.ok, report.json)
    }

    /// `POST /admin/token-keys/rotate`: another key signs the tokens of accounts.
    func rotateTokenKey(_ request: Request) async throws -> Response {
        let input = APIInput(request)
        let turn = try await tokenKeys.rotate(isUrgent: try input.bool("now") ?? false)
        return APIServices.json(
            .accepted,
            [
                "keyId": .string(turn.keyId),
                "signsFrom": .string(ISO8601.extended(milliseconds: turn.signsFrom)),
            ])
    }
}

extension APIInput {
    fileprivate func algorithm() throws(Problem) -> KeyAlgorithm { try choice("algorithm") ?? .rsa2048 }

    fileprivate func keyGroup() throws(Problem) -> String? {
        guard let text = try text("groupId", limit: 64) else { return nil }
        guard ASCII.isName(text) else {
            throw .unprocessable("groupId", "must be 1 to 64 letters, digits, '-', '_' and '.'.")
        }
        return text
    }
}

extension SigningKeys.Report {
    /// The key as administrators see it; never its private half.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "keyPairId": .string(key.id), "groupId": .string(key.groupId), "state": .string(key.state.rawValue),
            "signsWhenTrusted": .bool(key.signsWhenTrusted), "algorithm": .string(key.algorithm),
            "publicKey": .string(key.publicKey), "hasPrivateKey": .bool(key.sealedPrivateKey != nil),
            "createdAt": .string(ISO8601.extended(milliseconds: key.createdAt)), "createdBy": .string(key.createdBy),
            "edges": [
                "connected": .integer(Int64(edges.connected)),
                "waitingFor": .array(edges.waitingFor.map { .string($0) }),
            ],
        ]
        let times = [
            ("signsFrom", key.signsFrom), ("signedUntil", key.signedUntil), ("verifiesUntil", key.verifiesUntil),
            ("retiredAt", key.retiredAt),
        ]
        for (name, time) in times {
            if let time { object[name] = .string(ISO8601.extended(milliseconds: time)) }
        }
        if let retiredBy = key.retiredBy { object["retiredBy"] = .string(retiredBy) }
        return object
    }
}

extension KeyRefusal: Refusal {
    var status: HTTPStatus {
        switch code {
        case .notFound: .notFound
        case .unusable: .unprocessableContent
        case .tooMany, .signs, .retired, .cannotSign, .rotating: .conflict
        }
    }
}
