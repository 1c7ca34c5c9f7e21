internal import Audit
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import Library

extension APIServices {
    /// More than any disk has, and less than what no sum of two may exceed.
    private static let range: ClosedRange<Int64> = 0...(1 << 60)

    /// `GET /me/quota`: what the caller has and may have.
    func showQuota(of caller: Caller) async throws -> Response {
        let (quotas, id) = (configuration.quotas, caller.id)
        let standing = try await catalog.read { try quotas.standing(ownerId: id, in: $0) }
        return APIServices.json(.ok, standing.document)
    }

    /// `GET /admin/users/{userId}/quota`
    func showQuota(_ request: Request) async throws -> Response {
        let (quotas, id) = (configuration.quotas, try Self.account(request))
        let (standing, own) = try await catalog.read { reader in
            (try quotas.standing(ownerId: id, in: reader), try reader.quota(ownerId: id))
        }
        return APIServices.json(.ok, standing.described(besides: own))
    }

    /// `PUT /admin/users/{userId}/quota`: what is absent is as for everybody; 0 is no limit.
    func setQuota(_ request: Request) async throws -> Response {
        let input = APIInput(request)
        let own = OwnerQuota(
            videos: try input.integer("videos", in: Self.range), bytes: try input.integer("bytes", in: Self.range))
        return try await save(own == OwnerQuota() ? nil : own, request)
    }

    /// `DELETE /admin/users/{userId}/quota`: as for everybody.
    func removeQuota(_ request: Request) async throws -> Response { try await save(nil, request) }

    /// The account of the path; whether there is one is for the user pool to know, and a quota may be set before.
    private static func account(_ request: Request) throws(Problem) -> String {
        let id = request[parameter: "userId"]
        guard (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalidParameter("userId", "must be the id of an account.")
        }
        return id
    }

    private func save(_ own: OwnerQuota?, _ request: Request) async throws -> Response {
        let (quotas, id, now) = (configuration.quotas, try Self.account(request), now())
        let standing = try await catalog.write { transaction in
            try transaction.save(own, ownerId: id)
            var details = JSONObject()
            if let videos = own?.videos { details["videos"] = .integer(videos) }
            if let bytes = own?.bytes { details["bytes"] = .integer(bytes) }
            try transaction.record(AuditAct(.quotaSet, of: .user(id), details), at: now)
            return try quotas.standing(ownerId: id, in: transaction)
        }
        return APIServices.json(.ok, standing.described(besides: own))
    }
}

extension Quotas.Standing {
    var document: JSONObject {
        ["videos": Self.share(used.videos, allowed.videos), "bytes": Self.share(used.bytes, allowed.bytes)]
    }

    /// The same with what an administrator has set for the owner.
    func described(besides own: OwnerQuota?) -> JSONObject {
        var object: JSONObject = document
        var set = JSONObject()
        if let videos = own?.videos { set["videos"] = .integer(videos) }
        if let bytes = own?.bytes { set["bytes"] = .integer(bytes) }
        object["override"] = own == nil ? .null : .object(set)
        return object
    }

    private static func share(_ used: Int64, _ allowed: Int64) -> JSONValue {
        ["used": .integer(used), "allowed": allowed == 0 ? .null : .integer(allowed)]
    }
}

extension Problem {
    /// Too much is asked for.
    init(_ excess: Quotas.Excess) {
        let unit = excess.resource == .bytes ? "bytes of uploads" : "videos"
        self.init(
            .conflict, "quota_exceeded",
            "You have \(excess.used) of \(excess.allowed) \(unit), and \(excess.asked) more are asked for. Delete videos for "
                + "good (DELETE with ?permanent=true; the trash counts), or ask an administrator for more.")
        self.excess = excess
    }
}
