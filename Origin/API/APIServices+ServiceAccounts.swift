internal import AccessSigning
internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import ServiceAccounts

extension APIServices {
    /// `GET /admin/service-accounts`: all of them, by name.
    func listServiceAccounts() async throws -> Response {
        APIServices.json(.ok, ["items": .array(try await accounts.reports().map { .object($0.json) })])
    }

    /// `POST /admin/service-accounts`: an account with its first key, whose secret is told here and never again.
    func createServiceAccount(_ request: Request, by caller: Caller) async throws -> Response {
        let input = APIInput(request)
        let name = try input.requiredText("name", limit: 64)
        guard ASCII.isName(name) else {
            throw Problem.unprocessable("name", "must be 1 to 64 letters, digits, '-', '_' and '.'.")
        }
        guard let role: AccessKey.Role = try input.choice("role") else {
            throw Problem.unprocessable("role", "is required.")
        }
        let (report, key) = try await accounts.create(name: name, role: role, by: caller.name)
        var answer = report.json
        answer["accessKeyId"] = .string(key.id)
        answer["secretAccessKey"] = .string(key.secret)
        return APIServices.json(.created, answer)
    }

    /// `PATCH /admin/service-accounts/{name}`: lets its keys be good, or not.
    func changeServiceAccount(_ request: Request) async throws -> Response {
        guard let isEnabled = try APIInput(request).bool("enabled") else {
            throw Problem.unprocessable("enabled", "is required.")
        }
        return APIServices.json(
            .ok, try await accounts.setEnabled(isEnabled, name: request[parameter: "name"]).json)
    }

    /// `DELETE /admin/service-accounts/{name}`
    func deleteServiceAccount(_ request: Request) async throws -> Response {
        try await accounts.delete(name: request[parameter: "name"])
        return Response(status: .noContent)
    }

    /// `POST /admin/service-accounts/{name}/keys`: a second key, to take the first one's place.
    func createAccessKey(_ request: Request) async throws -> Response {
        let key = try await accounts.addKey(name: request[parameter: "name"])
        return APIServices.json(
            .created, ["accessKeyId": .string(key.id), "secretAccessKey": .string(key.secret)])
    }

    /// `DELETE /admin/service-accounts/{name}/keys/{accessKeyId}`
    func deleteAccessKey(_ request: Request) async throws -> Response {
        try await accounts.deleteKey(id: request[parameter: "accessKeyId"], name: request[parameter: "name"])
        return Response(status: .noContent)
    }
}

extension ServiceAccounts.Report {
    /// The account as administrators see it; never a secret.
    fileprivate var json: JSONObject {
        [
            "name": .string(account.name), "role": .string(account.role), "enabled": .bool(account.isEnabled),
            "createdAt": .string(ISO8601.extended(milliseconds: account.createdAt)),
            "createdBy": .string(account.createdBy),
            "keys": .array(
                keys.map { key in
                    var object: JSONObject = [
                        "accessKeyId": .string(key.id),
                        "createdAt": .string(ISO8601.extended(milliseconds: key.createdAt)),
                    ]
                    if let time = key.lastUsedAt {
                        object["lastUsedAt"] = .string(ISO8601.extended(milliseconds: time))
                    }
                    return .object(object)
                }),
        ]
    }
}

extension ServiceAccountRefusal: Refusal {
    var status: HTTPStatus {
        switch code {
        case .notFound, .keyNotFound: .notFound
        case .exists, .tooMany, .tooManyKeys: .conflict
        }
    }
}
