import JSON
import Testing

@testable import JSONSchema

@Suite struct JSONSchemaTests {
    @Test(arguments: [
        (#"{"type": "string"}"#, #""a""#), (#"{"type": ["string", "null"]}"#, "null"), (#"{"type": "number"}"#, "1"),
        (#"{"type": "integer", "minimum": 1, "maximum": 2}"#, "2"), (#"{"enum": ["a", 1]}"#, "1"),
        (#"{"const": "PUT"}"#, #""PUT""#),
        (#"{"minLength": 1, "maxLength": 2}"#, #""é👩""#),
        (#"{"pattern": "^[a-z]{2}$"}"#, #""ab""#), (#"{"pattern": "^[^\\x00-\\x1f]*$"}"#, #""é 👩""#),
        (#"{"type": "array", "items": {"type": "integer"}}"#, "[1, 2]"),
        (#"{"type": "array", "minItems": 1, "maxItems": 1}"#, "[null]"), (#"{"required": ["a"]}"#, #"{"a": null}"#),
        (#"{"additionalProperties": {"type": "string"}}"#, #"{"a": "b"}"#), ("true", "{}"), ("{}", "[]"),
        (#"{"allOf": [{"type": "object"}, {"required": ["a"]}]}"#, #"{"a": 1}"#),
        (#"{"minimum": 3}"#, #""not a number""#), (#"{"type": "integer"}"#, "18971.0"),
        (#"{"type": "integer"}"#, "1e2"),
        (#"{"oneOf": [{"type": "string"}, {"minimum": 3}]}"#, "3"),
    ])
    func `values that fit`(schema: String, value: String) throws {
        #expect(try violations(of: value, schema) == [])
    }

    @Test(arguments: [
        (#"{"type": "string"}"#, "1", "$ must be text."),
        (#"{"type": ["string", "null"]}"#, "[]", "$ must be text or null."),
        (#"{"type": "integer"}"#, "1.5", "$ must be a whole number."),
        (#"{"type": "integer"}"#, "1e300", "$ must be a whole number."),
        (#"{"oneOf": [{"required": ["a", "b"]}, {"required": ["c"]}]}"#, "{}", "$.c is required."),
        (#"{"oneOf": [{"type": "number"}, {"type": "integer"}]}"#, "1", "$ is more than one of what it may be."),
        (#"{"type": "boolean"}"#, #""true""#, "$ must be true or false."),
        (#"{"minimum": 1, "maximum": 2.5}"#, "3", "$ must be from 1 to 2.5."),
        (#"{"minimum": 1}"#, "0", "$ must be at least 1."),
        (#"{"maximum": 1}"#, "1e300", "$ must be at most 1."),
        (#"{"enum": ["a", 1]}"#, #""1""#, "$ must be one of a, 1."),
        (#"{"const": "PUT"}"#, #""put""#, "$ must be PUT."),
        (#"{"minLength": 1}"#, #""""#, "$ must not be empty."),
        (#"{"minLength": 3}"#, #""ab""#, "$ must have at least 3 characters."),
        (#"{"maxLength": 1}"#, #""ab""#, "$ has more than 1 characters."),
        (#"{"pattern": "^[a-z]+$"}"#, #""a\u0000""#, "$ must match ^[a-z]+$."),
        (#"{"pattern": "^[a-z]+$"}"#, #""a\n""#, "$ must match ^[a-z]+$."),
        (#"{"pattern": "^[^\\x00-\\x1f]*$"}"#, #""a\u0000""#, #"$ must match ^[^\x00-\x1f]*$."#),
        (#"{"pattern": "^e$"}"#, #""e\u0301""#, "$ must match ^e$."),
        (#"{"items": {"properties": {"a": {"type": "null"}}}}"#, #"[{}, {"a": 1}]"#, "$[1].a must be null."),
        (#"{"minItems": 1}"#, "[]", "$ must have at least 1 elements."),
        (#"{"maxItems": 1}"#, "[1, 2]", "$ has more than 1 elements."),
        (#"{"required": ["a b"]}"#, "{}", "$['a b'] is required."),
        (#"{"properties": {"it's": {"type": "null"}}}"#, #"{"it's": 1}"#, #"$['it\'s'] must be null."#),
        (
            #"{"additionalProperties": false, "properties": {"a": true}}"#, #"{"a": 1, "b": 2}"#,
            "$.b is no member that is known here."
        ),
        (#"{"additionalProperties": {"type": "string"}}"#, #"{"a": 1}"#, "$.a must be text."),
    ])
    func `values that do not, and where`(schema: String, value: String, violation: String) throws {
        #expect(try violations(of: value, schema) == [violation])
    }

    @Test(arguments: [
        (#"{"type": "integer", "maximum": 100}"#, "100", nil),
        (#"{"type": "integer", "maximum": 100}"#, "101", "must be at most 100."),
        (#"{"type": "integer"}"#, "", "must be a whole number."),
        (#"{"type": "integer"}"#, "+1", "must be a whole number."),
        (#"{"type": "boolean"}"#, "true", nil), (#"{"type": "boolean"}"#, "null", "must be true or false."),
        (#"{"allOf": [{"type": "integer"}]}"#, "7", nil), (#"{"type": "string"}"#, "7", nil),
        (#"{"enum": ["a"]}"#, "true", "must be a."),
    ])
    func `a value that came as text is read as what is asked for`(
        schema: String, text: String, message: String?
    ) throws {
        let violations = try SchemaDocument(.parse(schema)).schema(at: "").violations(ofText: text)
        #expect(violations.map(\.message) == (message.map { [$0] } ?? []))
    }

    @Test func `everything that is wrong is said at once, up to a limit`() throws {
        let schema =
            #"{"type": "object", "required": ["a"], "properties": {"b": {"type": "string"}, "c": {"maximum": 1}}}"#
        #expect(
            try violations(of: #"{"b": 1, "c": 2}"#, schema) == [
                "$.a is required.", "$.b must be text.", "$.c must be at most 1.",
            ])
        let many = "[" + Array(repeating: "1", count: 100).joined(separator: ",") + "]"
        #expect(try violations(of: many, #"{"items": {"type": "null"}}"#).count == 16)
    }

    @Test func `references lead through the document`() throws {
        let document = try SchemaDocument(
            .parse(##"{"a/b": {"x": {"$ref": "#/defs/1", "description": "…"}}, "defs": [true, {"type": "null"}]}"##))
        let schema = try document.schema(at: "/a~1b/x")
        #expect(schema.violations(of: 1).map(\.message) == ["must be null."])
    }

    @Test(arguments: [
        (#"{"minimun": 1}"#, "/minimun: is a keyword that is not looked at"),
        (#"{"type": "text"}"#, "/type: must be one of null, boolean, integer, number, string, array, object"),
        (#"{"pattern": "["}"#, "/pattern: must be a regular expression"),
        (##"{"$ref": "#/nowhere"}"##, "/nowhere: there is nothing here"),
        (#"{"$ref": "other.json"}"#, "/$ref: must name a place in this document, as '#/…'"),
        (##"{"properties": {"again": {"$ref": "#/"}}}"##, "/: there is nothing here"), ("1", ": is no schema"),
        (#"{"required": [1]}"#, "/required: must be a list of names"),
        (#"{"enum": []}"#, "/enum: must be a list of values"),
        (#"{"maxLength": -1}"#, "/maxLength: must be a whole number"),
        (#"{"maximum": "1"}"#, "/maximum: must be a number"),
        (#"{"allOf": {}}"#, "/allOf: must be a list of schemas"),
    ])
    func `a schema that is none is refused by its place`(schema: String, message: String) throws {
        let document = try SchemaDocument(.parse(schema))
        let error = #expect(throws: SchemaError.self) { try document.schema(at: "") }
        #expect(error?.description == message)
    }

    @Test func `a schema in itself is refused`() throws {
        let document = try SchemaDocument(
            .parse(##"{"a": {"items": {"$ref": "#/b"}}, "b": {"items": {"$ref": "#/a"}}}"##))
        let error = #expect(throws: SchemaError.self) { try document.schema(at: "/a") }
        #expect(error?.message == "names a schema that it is part of")
    }

    private func violations(of value: String, _ schema: String) throws -> [String] {
        try SchemaDocument(.parse(schema)).schema(at: "").violations(of: .parse(value)).map {
            "\($0.path) \($0.message)"
        }
    }
}
