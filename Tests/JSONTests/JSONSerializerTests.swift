import JSON
import Testing

struct JSONSerializerTests {
    @Test func `compact text has no spaces and keeps the order`() {
        let value: JSONValue = ["z": 1, "a": [true, nil, 1.5, "x"], "o": [:], "e": []]
        #expect(value.description == #"{"z":1,"a":[true,null,1.5,"x"],"o":{},"e":[]}"#)
    }

    @Test func `pretty text is indented by two spaces`() {
        let value: JSONValue = ["a": [1, 2], "b": ["c": []]]
        let expected = """
            {
              "a": [
                1,
                2
              ],
              "b": {
                "c": []
              }
            }
            """
        #expect(String(decoding: value.serialized(pretty: true), as: UTF8.self) == expected)
    }

    @Test func `strings are escaped where they must be`() {
        #expect(JSONValue.string("\"\\\n\r\t\u{1}\u{7f}/é😀").description == #""\"\\\n\r\t\u0001\u007f/é😀""#)
    }

    @Test func `numbers that JSON cannot express become null`() {
        #expect(JSONValue.number(.nan).description == "null")
        #expect(JSONValue.number(-.infinity).description == "null")
    }

    @Test func `what is written reads back equal`() throws {
        let value: JSONValue = [
            "s": "ü\u{0}\n", "n": .number(0.1), "big": .number(1e300), "i": .integer(.min), "l": [[], [:], nil, false],
        ]
        #expect(try JSONValue.parse(value.serialized()) == value)
        #expect(try JSONValue.parse(value.serialized(pretty: true)) == value)
    }

    @Test func `members can be replaced, added and removed`() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = "new"
        object["b"] = nil
        #expect(JSONValue.object(object).description == #"{"a":3,"c":"new"}"#)
        for index in 0..<40 { object["k\(index)"] = .integer(Int64(index)) }
        object["k3"] = nil
        #expect(object["k39"] == 39)
        #expect(object["k3"] == nil)
        #expect(object.count == 41)
    }

    @Test func `the order of members does not matter for equality`() {
        #expect(["a": 1, "b": 2] as JSONValue == ["b": 2, "a": 1])
        #expect(["a": 1] as JSONValue != ["a": 2])
        #expect(["a": 1] as JSONValue != ["b": 1])
    }
}
