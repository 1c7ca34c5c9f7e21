import JSON
import Testing

struct JSONParserTests {
    @Test func `a document becomes a value`() throws {
        let value = try JSONValue.parse(
            #" { "a" : [1, -2.5e1, true, null], "b": {"c": "x\n\u00e9\ud83d\ude00\/"} , "e":{},"f":[ ] } "#)
        let expected: JSONValue = ["a": [1, -25.0, true, nil], "b": ["c": "x\né😀/"], "e": [:], "f": []]
        #expect(value == expected)
        #expect(value["a"]?[1]?.number == -25)
        #expect(value["b"]?["c"]?.string == "x\né😀/")
        #expect(value["a"]?[9] == nil)
        #expect(value["missing"] == nil)
        #expect(value.object?.keys == ["a", "b", "e", "f"])
    }

    @Test func `numbers keep their kind`() throws {
        #expect(try JSONValue.parse("9223372036854775807") == .integer(.max))
        #expect(try JSONValue.parse("-9223372036854775808") == .integer(.min))
        #expect(try JSONValue.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue.parse("1.0") == .number(1))
        #expect(try JSONValue.parse("1E+2") == .number(100))
        #expect(try JSONValue.parse("-0").number?.sign == .minus)
        #expect(try JSONValue.parse("0").integer == 0)
        for (text, number) in [("18971.0", 18_971), ("-1e2", -100), ("7", 7), ("1.5", nil), ("1e19", nil)]
            as [(String, Int64?)]
        {
            #expect(try JSONValue.parse(text).wholeNumber == number, "\(text)")
        }
        #expect(try JSONValue.parse("18971.0").integer == nil)
    }

    @Test(arguments: [
        "01", "-01", "+1", "1.", ".5", "1.e5", "1e", "1e+", "-", "0x10", "1_000", "NaN", "Infinity", "--1", "٣", "00",
    ])
    func `what JSON does not call a number is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{'a':1}", "nul", "truex", "1 1",
        "\"",
        "\"\\", "\"\\u12\"", "[1", "\u{feff}1", "// c\n1", "{\"a\":1 \"b\":2}",
    ])
    func `broken documents are refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\x41""#, #""\u00g0""#])
    func `broken escapes are refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test(arguments: [
        [0x22, 0xc0, 0x80, 0x22], [0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0x5c, 0x6e, 0xe2, 0x22],
    ])
    func `text that is not UTF-8 is refused`(bytes: [UInt8]) throws {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
        #expect(error?.reason == .invalidUTF8)
    }

    @Test func `control characters must be escaped`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("\"a\nb\"") }
        #expect(error?.reason == .controlCharacter)
        #expect(error?.offset == 2)
    }

    @Test func `a member named twice is refused with its place`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\"a\": 1,\n \"b\": 2, \"a\": 3}") }
        #expect(error?.reason == .duplicateKey("a"))
        #expect(error?.description == "JSON, line 2, column 10: the object names \"a\" twice")
    }

    @Test func `names equal after unescaping count as the same`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(#"{"a":1,"\u0061":2}"#) }
        #expect(error?.reason == .duplicateKey("a"))
    }

    @Test func `names are compared by their bytes, not by what Unicode calls equivalent`() throws {
        let kelvin = try JSONValue.parse("{\"\u{212a}ey\": 1, \"Key\": 2}")
        #expect(kelvin["Key"] == 2)
        #expect(kelvin["\u{212a}ey"] == 1)
        #expect(try JSONValue.parse("{\"\u{212a}ey\": 1}")["Key"] == nil)
        let many = "{\"Key\":0," + (0..<40).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSONValue.parse(many)["\u{212a}ey"] == nil)
        #expect(try JSONValue.parse(many)["Key"] == 0)
    }

    @Test func `depth is limited`() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONValue.parse(deep)
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("[" + deep + "]") }
        #expect(error?.reason == .tooDeep(limit: 64))
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test func `length is limited`() {
        let error = #expect(throws: JSONError.self) {
            try JSONValue.parse("[1,2]", limits: JSONLimits(maximumBytes: 4))
        }
        #expect(error?.reason == .tooLong(limit: 4))
    }

    @Test func `a number beyond double is refused`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("1e999") }
        #expect(error?.reason == .numberOutOfRange)
    }

    @Test func `the message names what was found and what was expected`() {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\"a\" 1}") }
        #expect(error?.description == "JSON, line 1, column 6: found '1' where ':' is expected")
    }

    @Test func `ten thousand members are parsed in order and found by name`() throws {
        let text = "{" + (0..<10_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let value = try JSONValue.parse(text)
        #expect(value.object?.count == 10_000)
        #expect(value["k9999"] == 9999)
        #expect(value.object?.keys.first == "k0")
    }
}
