import HTTPServer
import HTTPWire
import JSON
import JSONSchema
import Testing

@testable import API

/// What `openapi.json` says that calls answer; whatever else they answer is an issue of the test that made them.
struct DescribedAnswers: Sendable {
    private struct Operation: Sendable {
        let method: String
        let path: [Substring]
        var answers: [String: Answer] = [:]
    }

    private enum Answer: Sendable {
        /// JSON of this type, or any of the others that the caller prefers.
        case schema(JSONSchema, contentType: String, others: [String])
        case other
    }

    private let operations: [Operation]

    static let embedded = Result { try DescribedAnswers(.parse(PackageResources.openapi_json)) }

    private init(_ document: JSONValue) throws {
        let schemas = SchemaDocument(document)
        operations = try (document["paths"]?.object?.members ?? []).flatMap { path in
            try (path.value.object?.members ?? []).filter { $0.key != "parameters" }.map { operation in
                var described = Operation(method: operation.key.uppercased(), path: path.key.split(separator: "/"))
                for answer in operation.value["responses"]?.object?.members ?? [] {
                    let pointer =
                        "/paths/\(path.key.replacing("/", with: "~1"))/\(operation.key)/responses/\(answer.key)"
                    described.answers[answer.key] = try Self.answer(answer.value, pointer, document, schemas)
                }
                return described
            }
        }
    }

    private static func answer(
        _ answer: JSONValue, _ pointer: String, _ document: JSONValue, _ schemas: SchemaDocument
    ) throws -> Answer {
        if let name = answer["$ref"]?.string?.split(separator: "/").last.map(String.init) {
            let target = try #require(document["components"]?["responses"]?[name])
            return try self.answer(target, "/components/responses/\(name)", document, schemas)
        }
        for type in ["application/json", "application/problem+json"] where answer["content"]?[type]?["schema"] != nil {
            let place = "\(pointer)/content/\(type.replacing("/", with: "~1"))/schema"
            let others = answer["content"]?.object?.keys.filter { $0 != type } ?? []
            return .schema(try schemas.schema(at: place), contentType: type, others: others)
        }
        return .other
    }

    /// Notes an issue where `response` is not what the call answers by its description; what is no call has none.
    func check(_ response: Response, to method: HTTPMethod, _ path: String) {
        let segments = path.split(separator: "?", maxSplits: 1)[0].split(separator: "/")
        guard let operation = operations.first(where: { $0.method == method.name && Self.fits(segments, $0.path) })
        else { return }
        let status = "\(response.status.code)"
        // That a call asks for what cannot be is said of each that may; any may be refused in other ways.
        let isOrdinaryRefusal = response.status.code >= 400 && response.status != .unprocessableContent
        let answer = operation.answers[status] ?? (isOrdinaryRefusal ? operation.answers["default"] : nil)
        switch answer {
        case nil: Issue.record("\(method) \(path) answers \(status), of which openapi.json says nothing")
        case .other?: break
        case .schema(let schema, let contentType, let others)?:
            let type = response.headers.first("content-type")
            if others.contains(where: { type?.hasPrefix($0) ?? false }) { return }
            #expect(type == contentType, "\(method) \(path)")
            let violations = schema.violations(of: response.json)
            #expect(violations.isEmpty, "\(method) \(path): \(response.json)")
        }
    }

    private static func fits(_ segments: [Substring], _ pattern: [Substring]) -> Bool {
        segments.count == pattern.count
            && zip(segments, pattern).allSatisfy { $0 == $1 || ($1.hasPrefix("{") && $1.hasSuffix("}")) }
    }
}
