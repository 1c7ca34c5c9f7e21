import Glibc
import HTTPServer
import HTTPWire
import JSON
import Testing

@testable import API

@Suite struct OpenAPITests {
    @Test func `the description lists exactly the calls there are`() async throws {
        let document = try await describe()
        var described: Set<String> = []
        for path in document["paths"]?.object?.members ?? [] {
            for method in path.value.object?.keys ?? [] where method != "parameters" {
                described.insert("\(method.uppercased()) \(path.key)")
            }
        }
        #expect(described == Set(Endpoint.all.map { "\($0.method) \($0.path)" }))
    }

    @Test func `every answer is described by a schema that is one`() throws {
        #expect(throws: Never.self) { try DescribedAnswers.embedded.get() }
    }

    @Test func `every reference has a target`() async throws {
        let document = try await describe()
        var references: Set<String> = []
        collectReferences(in: document, into: &references)
        #expect(references.count > 10)
        for reference in references {
            var target: JSONValue? = document
            for name in reference.dropFirst(2).split(separator: "/") { target = target?[String(name)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test func `what may be of another list or another call is said to be refused with 422`() async throws {
        let document = try await describe()
        for path in document["paths"]?.object?.members ?? [] {
            for operation in path.value.object?.members ?? [] {
                let parameters = (operation.value["parameters"]?.array ?? []).compactMap { $0["$ref"]?.string }
                guard parameters.contains(where: { $0.hasSuffix("/startKey") || $0.hasSuffix("/idempotencyKey") })
                else { continue }
                #expect(operation.value["responses"]?["422"] != nil, "\(operation.key) \(path.key)")
            }
        }
    }

    @Test func `openapi.yaml says the same`() async throws {
        let path = #filePath.replacing("Tests/APITests/OpenAPITests.swift", with: "Origin/API/openapi.yaml")
        var expected = "# Written from openapi.json; see README.md.\n"
        YAML.write(try await describe(), indent: 0, into: &expected)
        if getenv("WEIR_WRITE_OPENAPI") != nil {
            let file = try #require(fopen(path, "w"))
            fputs(expected, file)
            fclose(file)
        }
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == expected)
    }

    private func describe() async throws -> JSONValue {
        let bench = try await Bench()
        let response = await bench.call(.get, "/openapi.json")
        #expect(response.status == .ok && response.headers.first("Content-Type") == "application/json")
        return response.json
    }

    private func collectReferences(in value: JSONValue, into references: inout Set<String>) {
        for item in value.array ?? [] { collectReferences(in: item, into: &references) }
        for member in value.object?.members ?? [] {
            if member.key == "$ref", let target = member.value.string { references.insert(target) }
            collectReferences(in: member.value, into: &references)
        }
    }
}

/// Writes JSON as block-style YAML; texts are quoted as in JSON, which YAML reads alike.
private enum YAML {
    static func write(_ value: JSONValue, indent: Int, into text: inout String) {
        let margin = String(repeating: " ", count: indent)
        if let object = value.object {
            for member in object.members {
                text += margin + key(member.key) + ":"
                writeNested(member.value, indent: indent, into: &text)
            }
        } else if let array = value.array {
            for item in array {
                text += margin + "-"
                writeNested(item, indent: indent, into: &text)
            }
        }
    }

    private static func writeNested(_ value: JSONValue, indent: Int, into text: inout String) {
        let isEmpty = value.object?.isEmpty ?? value.array?.isEmpty ?? true
        if isEmpty {
            text += " \(value)\n"
        } else {
            text += "\n"
            write(value, indent: indent + 2, into: &text)
        }
    }

    private static func key(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { (97...122).contains($0 | 0x20) }
        return isPlain ? name : "\(JSONValue.string(name))"
    }
}
