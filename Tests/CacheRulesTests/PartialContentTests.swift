import CacheRules
import HTTPWire
import Testing

/// RFC 9111 §3.4: which parts are of one whole.
struct PartialContentTests {
    private func part(
        _ range: String, tag: String? = "\"a\"", status: HTTPStatus = .partialContent, length: String? = nil
    )
        -> PartialContent.Part?
    {
        var headers: Headers = ["Content-Range": range]
        if let tag { headers.set("ETag", tag) }
        if let length { headers.set("Content-Length", length) }
        return PartialContent.Part(status: status, headers: headers)
    }

    @Test func `a part needs a range, a known length and a strong entity tag`() {
        #expect(part("bytes 0-9/100")?.completeLength == 100)
        #expect(part("bytes 0-9/100", length: "10")?.range == ByteRange(start: 0, count: 10))
        #expect(part("bytes 0-9/*") == nil)
        #expect(part("bytes */100") == nil)
        #expect(part("bytes 0-9/100", tag: "W/\"a\"") == nil)
        #expect(part("bytes 0-9/100", tag: nil) == nil)
        #expect(part("bytes 0-9/100", tag: "a") == nil)
        #expect(part("bytes 0-9/100", length: "11") == nil)
        #expect(part("bytes 0-9/100", length: "x") == nil)
        #expect(part("bytes 0-9/100", status: .ok) == nil)
        var twice: Headers = ["Content-Range": "bytes 0-9/100", "ETag": "\"a\""]
        twice.add("Content-Range", "bytes 10-19/100")
        #expect(PartialContent.Part(status: .partialContent, headers: twice) == nil)
    }

    @Test func `parts combine under the same strong tag and length only`() throws {
        let first = try #require(part("bytes 0-9/100"))
        #expect(PartialContent.mayCombine(first, try #require(part("bytes 50-59/100"))))
        #expect(!PartialContent.mayCombine(first, try #require(part("bytes 50-59/101"))))
        #expect(!PartialContent.mayCombine(first, try #require(part("bytes 50-59/100", tag: "\"b\""))))
    }

    @Test func `a whole belongs to a part under the same rule`() throws {
        let first = try #require(part("bytes 0-9/100"))
        let tag = try #require(EntityTag("a"))
        #expect(PartialContent.isWhole(of: first, entityTag: tag, length: 100))
        #expect(!PartialContent.isWhole(of: first, entityTag: tag, length: 99))
        #expect(!PartialContent.isWhole(of: first, entityTag: try #require(EntityTag("a", isWeak: true)), length: 100))
    }
}
