import Bytes
import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §4.1: which requests share a response that varies.
struct VariantKeyTests {
    /// The key of a request, nil if it has none.
    private func key(_ names: String, _ headers: Headers, primary: String = "/a") -> String? {
        var buffer = GrowableBuffer()
        buffer.append(string: primary)
        var names = names
        let hasKey = names.withUTF8 { names in
            VariantKey.append(names: UnsafeRawBufferPointer(names), to: &buffer) { name, body in
                for value in headers.values(String(decoding: name, as: UTF8.self)) {
                    Array(value.utf8).withUnsafeBytes { body($0) }
                }
            }
        }
        return hasKey ? String(decoding: buffer.readable, as: UTF8.self).replacing("\0", with: "|") : nil
    }

    @Test func `a field that is not there is left out`() {
        #expect(key("accept,x-device", ["X-Device": "tv"]) == "/a|v|x-device:tv")
        #expect(key("accept,x-device", [:]) == "/a|v")
        #expect(key("accept", ["Accept": " , "]) == "/a|v")
    }

    @Test func `blanks and lines make no difference`() {
        var lines: Headers = ["X-A": "one"]
        lines.add("x-a", "two  three")
        #expect(key("x-a", lines) == key("x-a", ["X-A": " one ,two \t three,"]))
        #expect(key("x-a", lines) == "/a|v|x-a:one,two three")
    }

    @Test func `case makes no difference where it has no meaning, and a difference elsewhere`() {
        #expect(key("accept", ["Accept": "Text/HTML"]) == key("accept", ["Accept": "text/html"]))
        #expect(key("x-a", ["X-A": "B"]) != key("x-a", ["X-A": "b"]))
    }

    @Test(arguments: [
        ("de-DE,de;q=0.9,en;q=0.8", "de-de,de;q=0.9,en;q=0.8"),
        ("en ; q=0.1 , de-de, de;q=0.50", "de-de,de;q=0.9,en;q=0.8"),
        ("de, fr;q=0, en;q=0.5", "de,en;q=0.9"), ("de, de;q=0.3, DE", "de"), ("*", "*"), ("de;q=2, en", "en"),
        ("a,b,c,d,e,f,g,h,i,j", "a,b;q=0.9,c;q=0.8,d;q=0.7,e;q=0.6,f;q=0.5,g;q=0.4,h;q=0.3"),
        ("a;q=0.1,b,c,d,e,f,g,h,i,j", "b,c;q=0.9,d;q=0.8,e;q=0.7,f;q=0.6,g;q=0.5,h;q=0.4,i;q=0.3"),
    ])
    func `languages are told apart by their rank alone`(value: String, normal: String) {
        #expect(key("accept-language", ["Accept-Language": value]) == "/a|v|accept-language:\(normal)")
    }

    @Test func `refusing every language is like naming none`() {
        #expect(key("accept-language", ["Accept-Language": "de;q=0"]) == "/a|v")
    }

    @Test func `a long value has no variant of its own`() {
        #expect(key("x-a", ["X-A": String(repeating: "x", count: 256)]) != nil)
        #expect(key("x-a", ["X-A": String(repeating: "x", count: 257)]) == nil)
    }

    @Test func `an operator's fields belong to what all variants have in common`() throws {
        var buffer = GrowableBuffer()
        buffer.append(string: "/a")
        let value: (UnsafeRawBufferPointer, (UnsafeRawBufferPointer) -> Void) -> Void = { _, body in
            Array("v".utf8).withUnsafeBytes { body($0) }
        }
        try #require(
            Array("x-a".utf8).withUnsafeBytes {
                VariantKey.append(names: $0, as: .policy, to: &buffer, forEachValue: value)
            })
        let base = buffer.bytes
        #expect(base == Array("/a\0k\0x-a:v".utf8))
        #expect(Array(VariantKey.base(of: base)) == base)
        #expect(!VariantKey.isVariant(base))
        try #require(
            Array("x-b".utf8).withUnsafeBytes { VariantKey.append(names: $0, to: &buffer, forEachValue: value) })
        let variant = buffer.bytes
        #expect(Array(VariantKey.base(of: variant)) == base)
        #expect(Array(VariantKey.primary(of: variant)) == Array("/a".utf8))
        #expect(VariantKey.isVariant(variant))
        #expect(VariantKey.fields(of: variant).map(\.name) == ["x-a", "x-b"])
    }

    @Test func `a key gives back its primary key and the fields of its request`() throws {
        let text = try #require(key("accept-language,x-device", ["Accept-Language": "de", "X-Device": "a:b"]))
        let bytes = Array(text.replacing("|", with: "\0").utf8)
        #expect(Array(VariantKey.primary(of: bytes)) == Array("/a".utf8))
        #expect(VariantKey.fields(of: bytes).map(\.name) == ["accept-language", "x-device"])
        #expect(VariantKey.fields(of: bytes).map(\.value) == ["de", "a:b"])
        #expect(VariantKey.isVariant(bytes))
        for other in ["/a", "/v", "/a\0s 1", ""] {
            #expect(!VariantKey.isVariant(Array(other.utf8)))
            #expect(VariantKey.fields(of: Array(other.utf8)).isEmpty)
        }
    }

    @Test func `a key says by which method its response is asked for, and which fields that carries`() {
        var buffer = GrowableBuffer()
        buffer.append("/o?k")
        #expect(VariantKey.method(of: buffer.bytes) == .get)
        VariantKey.appendOptions(to: &buffer)
        #expect(VariantKey.method(of: buffer.bytes) == .options)
        #expect(VariantKey.fields(of: buffer.bytes).isEmpty)
        #expect(Array(VariantKey.primary(of: buffer.bytes)) == Array("/o?k".utf8))
        let base = buffer.bytes
        let hasKey = Array("x-a".utf8).withUnsafeBytes { names in
            VariantKey.append(names: names, to: &buffer) { _, body in Array("1".utf8).withUnsafeBytes { body($0) } }
        }
        #expect(hasKey)
        #expect(VariantKey.method(of: buffer.bytes) == .options)
        #expect(VariantKey.fields(of: buffer.bytes).map(\.value) == ["1"])
        #expect(Array(VariantKey.base(of: buffer.bytes)) == base)
    }
}
