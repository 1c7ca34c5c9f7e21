import HTTPWire
import Testing

struct HeadersTests {
    @Test func `names compare without regard to case and order is kept`() {
        var headers: Headers = ["A": "1", "B": "2", "a": "3"]
        #expect(headers.first("A") == "1")
        #expect(headers.values("a") == ["1", "3"])
        #expect(headers.joined("a") == "1, 3")
        #expect(headers.joined("x") == nil)
        headers.set("a", "4")
        #expect(headers.map(\.value) == ["4", "2"])
        headers.remove("b")
        #expect(headers.map(\.name) == ["a"])
        headers["C"] = "5"
        headers["A"] = nil
        #expect(headers == ["C": "5"])
        #expect(!headers.contains("a"))
    }

    @Test func `ten thousand names stay linear`() {
        var headers = Headers()
        for index in 0..<10_000 { headers.add("X-\(index)", "y") }
        #expect(headers.count == 10_000)
        #expect(headers.first("x-9999") == "y")
    }

    @Test func `methods and statuses have names`() {
        for name in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE", "MKCOL"] {
            #expect(HTTPMethod(name).name == name)
        }
        #expect(HTTPMethod("GET") == .get)
        #expect(HTTPMethod("get") == .other("get"))
        #expect(HTTPMethod.put.isIdempotent)
        #expect(!HTTPMethod.post.isIdempotent)
        #expect(HTTPStatus.notFound.description == "404 Not Found")
        #expect(HTTPStatus(code: 299).reasonPhrase.description == "")
    }
}
