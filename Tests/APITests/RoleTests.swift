import HTTPServer
import HTTPWire
import Identity
import JSON
import Testing

@testable import API

@Suite struct RoleTests {
    /// Who calls, and as what.
    private struct Somebody {
        let token: String?
        var role: Role?
        var isOwner = false
        var isWorker = false

        static let all = [
            Somebody(token: nil), Somebody(token: "made-up"), Somebody(token: "token-viewer", role: .viewer),
            Somebody(token: "token-anna", role: .creator, isOwner: true), Somebody(token: "token-ben", role: .creator),
            Somebody(token: "token-admin", role: .admin), Somebody(token: "worker-token", isWorker: true),
        ]
    }

    /// What the document says of one call.
    private struct Operation {
        let method: HTTPMethod
        let path: String
        let security: [JSONObject]
        let isForOwners: Bool

        static func all(_ bench: Bench) async throws -> [Operation] {
            let document = await bench.call(.get, "/openapi.json").json
            let methods: [HTTPMethod] = [.get, .head, .options, .post, .put, .patch, .delete]
            return try (document["paths"]?.object?.members ?? []).flatMap { path in
                try methods.compactMap { method in
                    guard let said = path.value["\(method)".lowercased()] else { return nil }
                    let security = try #require(said["security"]?.array, "\(method) \(path.key) says nothing")
                    return Operation(
                        method: method, path: path.key, security: security.compactMap(\.object),
                        isForOwners: said["x-weir-owner"]?.bool ?? false)
                }
            }
        }

        /// Who may call, as the table of the routes would have to say it; nil for what it cannot mean.
        var access: Endpoint.Access? {
            let role = security.lazy.compactMap { $0["accessToken"]?.array?.first?.string }.first.flatMap {
                Role(rawValue: $0)
            }
            let ofKeys = security.lazy.compactMap { $0["signature"]?.array?.first?.string }.first.flatMap {
                Role(rawValue: $0)
            }
            if security == [["accessToken": ["viewer"]]] { return .account }
            guard role == ofKeys else { return nil }
            if security.isEmpty { return .everyone }
            if security.contains(where: \.isEmpty) { return role == .viewer ? .anyone : nil }
            if security == [["workerToken": []]] { return .workers }
            return role.map { .role($0) }
        }

        /// The code of the refusal; nil for somebody who is let in.
        func refusal(of somebody: Somebody) -> String? {
            switch access {
            case .everyone: return nil
            case .workers:
                if somebody.isWorker { return nil }
                return somebody.token == nil ? "unauthenticated" : "invalid_token"
            case .anyone: return somebody.token == nil || somebody.role != nil ? nil : "invalid_token"
            case .account:
                if somebody.token == nil { return "unauthenticated" }
                return somebody.role == nil ? "invalid_token" : nil
            case .role(let needed):
                if somebody.token == nil { return "unauthenticated" }
                guard let role = somebody.role else { return "invalid_token" }
                guard role >= needed else { return "role_required" }
                return isForOwners && !somebody.isOwner && role < .admin ? "forbidden" : nil
            case nil: return "nobody knows"
            }
        }

        func call(_ bench: Bench, as somebody: Somebody) async throws -> Response {
            let videoId = await bench.upload()
            let path = self.path.replacing("/api/v1", with: "", maxReplacements: 1)
                .replacing("{videoId}", with: videoId).replacing("{jobId}", with: "transcode-\(videoId)")
                .replacing("{name}", with: "none")
                .replacing("{userId}", with: "sub-ben").replacing("{accessKeyId}", with: "AKIANONE")
                .replacing("{number}", with: "0").replacing("{keyPairId}", with: "KNONE")
                .replacing("{commentId}", with: "none").replacing("{userId}", with: "none")
            return await bench.call(method, path, as: somebody.token, try body)
        }

        /// Nothing, unless it is looked at before it is seen whose the video is.
        private var body: JSONValue? {
            get throws {
                let endpoint = Endpoint.all.first { isForOwners && $0.method == method && $0.path == self.path }
                return try endpoint.flatMap { try Sample.body(of: $0) } ?? (method == .get ? nil : [:])
            }
        }
    }

    @Test func `every call refuses and admits as the description says`() async throws {
        let bench = try await Bench()
        let operations = try await Operation.all(bench)
        #expect(operations.count == Endpoint.all.count)
        for operation in operations {
            for somebody in Somebody.all {
                let answer = try await operation.call(bench, as: somebody)
                let isRefused = [401, 403].contains(answer.status.code)
                #expect(
                    (isRefused ? answer.code : nil) == operation.refusal(of: somebody),
                    "\(operation.method) \(operation.path) as \(somebody.token ?? "nobody")")
            }
        }
    }

    @Test func `the description says of every call what the routes hold`() async throws {
        let operations = try await Operation.all(try await Bench())
        for endpoint in Endpoint.all {
            let described = operations.first { $0.method == endpoint.method && $0.path == endpoint.path }
            #expect(described?.access == endpoint.access, "\(endpoint.method) \(endpoint.path)")
        }
    }

    @Test func `a refusal names the role that would do`() async throws {
        let bench = try await Bench()
        let upload = await bench.call(.post, "/uploads", as: "token-viewer", [:])
        #expect(upload.status == .forbidden && upload.json["requiredRole"] == "creator")
        #expect(upload.json["detail"] == "This needs the role creator; you have the role viewer.")
        #expect(await bench.call(.get, "/admin/jobs", as: "token-anna").json["requiredRole"] == "admin")
    }

    @Test func `an owner who may only watch any longer sees what is theirs and changes nothing of it`() async throws {
        let bench = try await Bench()
        let id = await bench.upload(as: "token-ben", visibility: "private")
        let demoted = "token-ben-viewer"
        #expect(await bench.call(.get, "/videos/\(id)", as: demoted).status == .ok)
        #expect(await bench.call(.get, "/videos/\(id)", as: "token-viewer").status == .notFound)
        for method in [.patch, .delete] as [HTTPMethod] {
            #expect(await bench.call(method, "/videos/\(id)", as: demoted, [:]).code == "role_required")
        }
    }
}
