public import JSON

/// A document with schemas in it, such as a description in OpenAPI 3.1.
public struct SchemaDocument: Sendable {
    private let root: JSONValue

    /// Takes the document as it is; schemas are looked at when they are asked for.
    public init(_ root: JSONValue) { self.root = root }

    /// Compiles the schema at a JSON pointer (RFC 6901).
    public func schema(at pointer: String) throws(SchemaError) -> JSONSchema {
        try compile(value(at: pointer), pointer, within: [pointer])
    }

    /// The value at a JSON pointer.
    private func value(at pointer: String) throws(SchemaError) -> JSONValue {
        var value: JSONValue? = root
        for step in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
            value = value?.array == nil ? value?[name] : Int(name).flatMap { value?[$0] }
        }
        guard let value else { throw SchemaError(pointer: pointer, message: "there is nothing here") }
        return value
    }

    private func compile(
        _ value: JSONValue, _ pointer: String, within open: Set<String>
    ) throws(SchemaError) -> JSONSchema {
        if value.bool == true { return JSONSchema() }
        guard let object = value.object else { throw SchemaError(pointer: pointer, message: "is no schema") }
        var schema = JSONSchema()
        for member in object.members {
            let place = "\(pointer)/\(member.key.replacing("~", with: "~0").replacing("/", with: "~1"))"
            do throws(SchemaFault) {
                if try schema.take(member.key, member.value) { continue }
            } catch {
                throw SchemaError(pointer: place, message: error.message)
            }
            try nest(member.key, member.value, place, within: open, into: &schema)
        }
        return schema
    }

    /// Takes a keyword that holds schemas.
    private func nest(
        _ keyword: String, _ value: JSONValue, _ place: String, within open: Set<String>, into schema: inout JSONSchema
    ) throws(SchemaError) {
        switch keyword {
        case "$ref": schema.allOf.append(try target(of: value, place, within: open))
        case "items": schema.items = .schema(try compile(value, place, within: open))
        case "additionalProperties":
            schema.additional =
                value.bool == false ? JSONSchema.Child.none : .schema(try compile(value, place, within: open))
        case "properties":
            guard let members = value.object?.members else {
                throw SchemaError(pointer: place, message: "must be an object")
            }
            for member in members {
                schema.properties[member.key] = try compile(member.value, "\(place)/\(member.key)", within: open)
            }
        case "allOf": schema.allOf += try list(value, place, within: open)
        case "oneOf": schema.oneOf += try list(value, place, within: open)
        default: throw SchemaError(pointer: place, message: "is a keyword that is not looked at")
        }
    }

    private func list(
        _ value: JSONValue, _ place: String, within open: Set<String>
    ) throws(SchemaError) -> [JSONSchema] {
        guard let items = value.array else { throw SchemaError(pointer: place, message: "must be a list of schemas") }
        var schemas: [JSONSchema] = []
        for (index, item) in items.enumerated() { schemas.append(try compile(item, "\(place)/\(index)", within: open)) }
        return schemas
    }

    private func target(
        of reference: JSONValue, _ place: String, within open: Set<String>
    ) throws(SchemaError) -> JSONSchema {
        guard let text = reference.string, text.hasPrefix("#/") else {
            throw SchemaError(pointer: place, message: "must name a place in this document, as '#/…'")
        }
        let pointer = String(text.dropFirst())
        guard !open.contains(pointer) else {
            throw SchemaError(pointer: place, message: "names a schema that it is part of")
        }
        return try compile(value(at: pointer), pointer, within: open.union([pointer]))
    }
}
