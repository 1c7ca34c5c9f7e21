import Configuration
import JSON
import Testing

private let parameters: [Parameter] = [
    .required("listen", .text, "host:port to serve on"),
    .optional("loops", .integer(1...64, unit: "loops"), default: 2, "event loops"),
    .optional("level", .choice(["debug", "info"]), default: "info", "least level logged"),
    .optional("token", .secret, "bearer token"),
    .section(
        "limits", "bounds on a request",
        [
            .optional("headerBytes", .integer(1024...1_048_576, unit: "bytes"), default: 20_480, "request head"),
            .optional("strict", .boolean, default: true, "refuse what the RFC lets one repair"),
        ]),
    .optional("keys", .list([.required("id", .text, "key id"), .optional("files", .texts, "PEM files")]), "keys"),
    .optional("origins", .map([.required("url", .text, "base URL")]), "origins by name"),
]

private func problems(_ document: JSONValue) -> [String] {
    do {
        _ = try Configuration(document, parameters: parameters)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

@Suite struct ConfigurationTests {
    @Test func `absent keys take their defaults`() throws {
        let configuration = try Configuration(["listen": "127.0.0.1:1"], parameters: parameters)
        #expect(configuration.text("listen") == "127.0.0.1:1")
        #expect(configuration.integer("loops") == 2)
        #expect(configuration.section("limits").integer("headerBytes") == 20_480)
        #expect(configuration.section("limits").boolean("strict"))
        #expect(configuration.secret("token") == nil)
        #expect(configuration.list("keys").isEmpty)
        #expect(["listen", "loops", "keys"].map { configuration.isSet($0) } == [true, true, false])
    }

    @Test func `nested values are reached by section, list and map`() throws {
        let configuration = try Configuration(
            [
                "listen": "a:1", "limits": ["headerBytes": 4096],
                "keys": [["id": "K1", "files": ["a.pem", "b.pem"]]],
                "origins": ["media": ["url": "http://a"], "app": ["url": "http://b"]],
            ], parameters: parameters)
        #expect(configuration.section("limits").integer("headerBytes") == 4096)
        #expect(configuration.list("keys").map { $0.texts("files") } == [["a.pem", "b.pem"]])
        #expect(configuration.map("origins").map(\.name) == ["media", "app"])
        #expect(configuration.map("origins").map { $0.value.text("url") } == ["http://a", "http://b"])
    }

    @Test func `what differs between two documents is named by key`() throws {
        let one = try Configuration(["listen": "a:1", "keys": [["id": "K1"]]], parameters: parameters)
        let other = try Configuration(
            [
                "listen": "a:2", "loops": 2, "limits": ["strict": false], "token": ["file": "/f"],
                "keys": [["id": "K2"]],
            ], parameters: parameters)
        #expect(one.differences(from: one).isEmpty)
        #expect(other.differences(from: one) == ["listen", "token", "limits.strict", "keys"])
    }

    @Test(arguments: [
        (JSONValue.string("s"), SecretSource.inline("s")), (.object(["file": "/f"]), .file("/f")),
        (.object(["environment": "TOKEN"]), .environment("TOKEN")),
    ])
    func `a secret stands in the document, a file or the environment`(value: JSONValue, expected: SecretSource) throws {
        let configuration = try Configuration(["listen": "a:1", "token": value], parameters: parameters)
        #expect(configuration.secret("token") == expected)
    }

    @Test func `a required key that is missing is refused with its meaning`() {
        #expect(problems([:]) == ["$.listen: is required: host:port to serve on"])
    }

    @Test func `a number out of range is refused with the value and the range`() {
        #expect(
            problems(["listen": "a:1", "limits": ["headerBytes": 10]])
                == ["$.limits.headerBytes: 10 bytes is outside the allowed range 1024…1048576"])
    }

    @Test func `an unknown key is refused with the nearest known one`() {
        #expect(
            problems(["listen": "a:1", "limits": ["headerByte": 2048]])
                == ["$.limits.headerByte: is not a known key; did you mean \"headerBytes\"?"])
    }

    @Test func `an unknown key unlike any other is refused with the list of known ones`() {
        #expect(
            problems(["listen": "a:1", "limits": ["xyzzyplugh": 1]])
                == ["$.limits.xyzzyplugh: is not a known key; known keys: headerBytes, strict"])
    }

    @Test func `a wrong choice is refused with the allowed ones`() {
        #expect(problems(["listen": "a:1", "level": "loud"]) == ["$.level: \"loud\" is not one of debug, info"])
    }

    @Test func `all problems are told at once, list elements by index`() {
        let found = problems(["loops": "two", "keys": [["id": "K1"], ["id": 7]]])
        #expect(
            found == [
                "$.listen: is required: host:port to serve on",
                "$.loops: expected a whole number of loops, found \"two\"",
                "$.keys[1].id: expected text, found 7",
            ])
    }

    @Test func `a document that is no object is refused`() {
        #expect(problems([1]) == ["$: expected an object, found an array"])
    }

    @Test func `defaults print every default and show what is required as null`() {
        let defaults = ConfigurationReference.defaults(of: parameters)
        #expect(defaults["listen"] == .null)
        #expect(defaults["limits"]?["headerBytes"] == 20_480)
        #expect(defaults["token"] == nil)
    }

    @Test func `the reference page has a row for every key at every depth`() {
        let page = ConfigurationReference.markdown(program: "weir-test", parameters: parameters)
        for path in ["listen", "limits.strict", "keys[].files", "origins.NAME.url"] {
            #expect(page.contains("| `\(path)` |"))
        }
    }
}
