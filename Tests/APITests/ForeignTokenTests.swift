import HTTPServer
import HTTPWire
import JSON
import JSONSchema
import Testing

@testable import API

/// Every call of the description about something that is somebody else's, made with a good token of a stranger.
@Suite struct ForeignTokenTests {
    /// What is the caller's own or everybody's, although somebody's id stands in the path.
    private static let forStrangers: Set<String> = [
        "GET /channels/{userId}", "PUT /channels/{userId}/subscription", "DELETE /channels/{userId}/subscription",
        "DELETE /me/history/{videoId}", "OPTIONS /tus/{uploadId}",
    ]

    /// What Anna has, by the names that paths have for it.
    private static func belongings(in bench: Bench) async throws -> [String: String] {
        let videoId = try await bench.playing(visibility: "private")
        let comment = await bench.call(.post, "/videos/\(videoId)/comments", as: "token-anna", ["text": "Mine"])
        let webhook = await bench.call(.post, "/webhooks", as: "token-anna", ["url": "https://example.com/hook"])
        let webhookId = webhook.json["webhookId"]?.string ?? webhook.json["webhook"]?["webhookId"]?.string
        let imported = await bench.call(
            .post, "/imports", as: "token-anna", ["url": "https://example.com/film.mp4", "visibility": "private"])
        let upload = await bench.call(
            .post, "/tus", as: "token-anna", fields: [("Tus-Resumable", "1.0.0"), ("Upload-Length", "9")])
        _ = await bench.call(.post, "/admin/service-accounts", as: "token-admin", ["name": "robot", "role": "viewer"])
        let key = await bench.call(.post, "/admin/service-accounts/robot/keys", as: "token-admin")
        return [
            "videoId": videoId, "commentId": try #require(comment.json["commentId"]?.string),
            "webhookId": try #require(webhookId), "deliveryId": "none",
            "importId": try #require(imported.json["importId"]?.string), "jobId": "transcode-\(videoId)",
            "keyPairId": "K2WEIR", "name": "robot", "accessKeyId": try #require(key.json["accessKeyId"]?.string),
            "queue": "object-events", "messageId": "1", "userId": "sub-anna", "language": "de",
            "uploadId": String(try #require(upload.headers.first("location")?.split(separator: "/").last)),
        ]
    }

    @Test func `nobody reaches what is another's`() async throws {
        let bench = try await Bench()
        let belongings = try await Self.belongings(in: bench)
        let video = "/videos/\(try #require(belongings["videoId"]))"
        let before = await bench.call(.get, video, as: "token-anna").json
        var walked = 0
        for endpoint in Endpoint.all where endpoint.path.contains("{") && endpoint.access != .workers {
            let pattern = String(endpoint.path.dropFirst("/api/v1".count))
            guard !Self.forStrangers.contains("\(endpoint.method) \(pattern)") else { continue }
            var path = pattern
            for (name, value) in belongings { path = path.replacing("{\(name)}", with: value) }
            #expect(!path.contains("{"), "nobody has a \(path)")
            let (body, fields) = (try Sample.body(of: endpoint), try Sample.fields(of: endpoint))
            for (token, refusals) in [("token-ben", [403, 404]), (nil, [401, 404])] as [(String?, [Int])] {
                let answer = await bench.call(endpoint.method, path, as: token, body, fields: fields)
                #expect(refusals.contains(answer.status.code), "\(endpoint.method) \(path) as \(token ?? "nobody")")
            }
            walked += 1
        }
        #expect(walked > 30)
        #expect(await bench.call(.get, video, as: "token-anna").json == before)
    }

    @Test func `what strangers may call is described`() {
        let all = Set(Endpoint.all.map { "\($0.method) \($0.path.dropFirst("/api/v1".count))" })
        #expect(Self.forStrangers.isSubset(of: all))
    }
}

/// A value that a schema of the description lets through, so that a refusal is for nothing else.
enum Sample {
    /// What a call may be sent; nil for one without a body.
    static func body(of endpoint: Endpoint) throws -> JSONValue? {
        let document = try JSONValue.parse(PackageResources.openapi_json)
        let operation = document["paths"]?[endpoint.path]?["\(endpoint.method)".lowercased()]
        guard let schema = operation?["requestBody"]?["content"]?["application/json"]?["schema"] else { return nil }
        let sample = value(of: schema, in: document)
        #expect(endpoint.described.body?.schema.violations(of: sample) == [], "\(endpoint.path): \(sample)")
        return sample
    }

    /// The fields that a call must have, and the type of a body that is no JSON.
    static func fields(of endpoint: Endpoint) throws -> [(String, String)] {
        let document = try JSONValue.parse(PackageResources.openapi_json)
        let operation = document["paths"]?[endpoint.path]?["\(endpoint.method)".lowercased()]
        var fields: [(String, String)] = []
        for parameter in operation?["parameters"]?.array ?? [] {
            let said = target(of: parameter, in: document)
            guard said["in"]?.string == "header", said["required"]?.bool == true, let name = said["name"]?.string,
                let schema = said["schema"]
            else { continue }
            let sample = value(of: schema, in: document)
            fields.append((name, sample.string ?? "\(sample)"))
        }
        let type = operation?["requestBody"]?["content"]?.object?.keys.first
        if let type, type != "application/json" { fields.append(("Content-Type", type)) }
        return fields
    }

    /// What a reference stands for; anything else stands for itself.
    private static func target(of value: JSONValue, in document: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        var target: JSONValue? = document
        for name in reference.dropFirst(2).split(separator: "/") { target = target?[String(name)] }
        return self.target(of: target ?? [:], in: document)
    }

    private static func value(of schema: JSONValue, in document: JSONValue) -> JSONValue {
        let schema = target(of: schema, in: document)
        if let first = schema["enum"]?[0] ?? schema["const"] { return first }
        let kind = schema["type"]?.string ?? schema["type"]?[0]?.string
        switch kind {
        case "integer": return schema["minimum"] ?? 1
        case "number": return schema["minimum"] ?? 1
        case "boolean": return true
        case "string": return "sample-text"
        case "array":
            guard schema["minItems"] != nil, let items = schema["items"] else { return [] }
            return [value(of: items, in: document)]
        default:
            var object = JSONObject()
            for name in schema["required"]?.array?.compactMap(\.string) ?? [] {
                object[name] = schema["properties"]?[name].map { value(of: $0, in: document) }
            }
            return .object(object)
        }
    }
}
