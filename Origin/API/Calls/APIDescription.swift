internal import HTTPServer
internal import HTTPWire
internal import JSON
internal import JSONSchema

/// What `openapi.json` says of the calls, in the form in which requests are held against it.
struct APIDescription: Sendable {
    /// One call.
    struct Call: Sendable {
        /// What it may be told in the query.
        var parameters: [Parameter]
        /// The JSON it takes; nil for a call without.
        var body: Body?
        /// What it counts as.
        var allowance: CallAllowance
    }

    /// A parameter of the query.
    struct Parameter: Sendable {
        let name: String
        let schema: JSONSchema
    }

    /// A body of JSON.
    struct Body: Sendable {
        let schema: JSONSchema
        let isRequired: Bool
        let maximumBytes: Int
    }

    /// The largest body of a call that does not say another one (`x-weir-maximum-bytes`).
    private static let usualBytes = 65_536

    private var calls: [String: Call] = [:]

    /// The description that is embedded and served; one that is none is a bug of ours, and a test's business.
    static let embedded: APIDescription = {
        do {
            return try APIDescription(.parse(PackageResources.openapi_json))
        } catch {
            preconditionFailure("openapi.json: \(error)")
        }
    }()

    /// Reads a document in OpenAPI 3.1.
    init(_ document: JSONValue) throws {
        let schemas = SchemaDocument(document)
        for path in document["paths"]?.object?.members ?? [] {
            for operation in path.value.object?.members ?? [] where operation.key != "parameters" {
                let name = Self.name(operation.key.uppercased(), path.key)
                let pointer = "/paths/\(path.key.replacing("/", with: "~1"))/\(operation.key)"
                calls[name] = Call(
                    parameters: try Self.parameters(operation.value, pointer, document, schemas),
                    body: try Self.body(operation.value, pointer, schemas),
                    allowance: try CallAllowance(operation.value, method: operation.key))
            }
        }
    }

    /// What is said of a route; nil for one that is not described.
    subscript(method: HTTPMethod, path: String) -> Call? { calls[Self.name(method.name, path)] }

    private static func name(_ method: String, _ path: String) -> String { "\(method) \(path)" }

    private static func parameters(
        _ operation: JSONValue, _ pointer: String, _ document: JSONValue, _ schemas: SchemaDocument
    ) throws -> [Parameter] {
        try (operation["parameters"]?.array ?? []).enumerated().compactMap { index, item in
            var (parameter, place) = (item, "\(pointer)/parameters/\(index)")
            if let name = item["$ref"]?.string?.split(separator: "/").last.map(String.init) {
                place = "/components/parameters/\(name)"
                parameter = document["components"]?["parameters"]?[name] ?? .null
            }
            guard parameter["in"] == "query", let name = parameter["name"]?.string else { return nil }
            return Parameter(name: name, schema: try schemas.schema(at: place + "/schema"))
        }
    }

    private static func body(_ operation: JSONValue, _ pointer: String, _ schemas: SchemaDocument) throws -> Body? {
        guard let body = operation["requestBody"], body["content"]?["application/json"] != nil else { return nil }
        return Body(
            schema: try schemas.schema(at: pointer + "/requestBody/content/application~1json/schema"),
            isRequired: body["required"]?.bool ?? false,
            maximumBytes: body["x-weir-maximum-bytes"]?.integer.map { Int($0) } ?? usualBytes)
    }
}
