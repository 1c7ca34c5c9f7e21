import HTTPWire
import Testing

struct ValueTests {
    @Test func `a query is split and decoded`() {
        let query = Query("a=1&b=x%20y%2B+&c&=d&a=2&&e=f=g")
        #expect(query?.first("a") == "1")
        #expect(query?.values("a") == ["1", "2"])
        #expect(query?.first("b") == "x y++")
        #expect(query?.items[2] == Query.Item(name: "c", value: nil))
        #expect(query?.first("c") == "")
        #expect(query?.first("e") == "f=g")
        #expect(query?.contains("z") == false)
        #expect(Query("b=x+y", plusIsSpace: true)?.first("b") == "x y")
        #expect(Query("b=x%2By", plusIsSpace: true)?.first("b") == "x+y")
        #expect(Query("")?.items.isEmpty == true)
    }

    @Test func `parameter names are compared by their bytes, not by what Unicode calls equivalent`() {
        let query = Query("%E2%84%AAey-Pair-Id=1")
        #expect(query?.first("Key-Pair-Id") == nil)
        #expect(query?.contains("Key-Pair-Id") == false)
        #expect(query?.values("Key-Pair-Id") == [])
        let tag = EntityTag("\u{212a}")
        #expect(tag?.isListed(in: "\"K\"", strongly: true) == false)
    }

    @Test(arguments: ["a=%", "a=%zz", "%g=1", "a=%ff"])
    func `a broken query is refused`(raw: String) {
        #expect(Query(raw) == nil)
    }

    @Test func `a query reads back as it was encoded`() {
        let query = Query(items: [.init(name: "a b", value: "c&d=é"), .init(name: "e", value: nil)])
        #expect(query.encoded == "a%20b=c%26d%3D%C3%A9&e")
        #expect(Query(query.encoded) == query)
    }

    @Test func `parameters are walked in place`() {
        var seen: [String] = []
        Array("a=%31&&b&c=".utf8).withUnsafeBytes { raw in
            Query.forEach(in: raw) { name, value in
                seen.append(
                    String(decoding: name, as: UTF8.self) + ":"
                        + (value.map { String(decoding: $0, as: UTF8.self) } ?? "-"))
                return true
            }
        }
        #expect(seen == ["a:%31", "b:-", "c:"])
    }

    @Test func `cookies are found by name`() {
        #expect(Cookies.first("b", in: "a=1; b=x=y;c=3") == "x=y")
        #expect(Cookies.first("B", in: "a=1; b=2") == nil)
        #expect(Cookies.first("a", in: "a=1; a=2") == "1")
        #expect(Cookies.first("q", in: "q=\"v\"") == "\"v\"")
        #expect(Cookies.first("c", in: ["Cookie": "a=1", "cookie": "c=2"] as Headers) == "2")
    }

    @Test func `a hundred thousand cookies are walked in a row`() {
        var count = 0
        _ = Array(String(repeating: "a=b;", count: 100_000).utf8).withUnsafeBytes { value in
            Cookies.forEach(in: value) { _, _ in
                count += 1
                return true
            }
        }
        #expect(count == 100_000)
    }

    @Test func `a cookie to be set is written out`() {
        let cookie = SetCookie(
            name: "CloudFront-Policy", value: "abc_~-", path: "/media/1/", domain: "example.com", maxAge: 60,
            isSecure: true, isHTTPOnly: true, sameSite: .lax)
        #expect(
            cookie.fieldValue
                == "CloudFront-Policy=abc_~-; Path=/media/1/; Domain=example.com; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
        )
        #expect(SetCookie(name: "a", value: "").fieldValue == "a=")
    }

    @Test(arguments: ["a;b", "a b", "a\"b", "a,b", "a\r\nb", "ü"])
    func `a cookie that would end early is refused`(value: String) {
        #expect(SetCookie(name: "a", value: value).fieldValue == nil)
        #expect(SetCookie(name: "a", value: "b", path: "/;\(value);").fieldValue == nil)
        #expect(SetCookie(name: value, value: "b").fieldValue == nil)
    }

    @Test func `entity tags are read and compared`() {
        let strong = EntityTag(fieldValue: "\"a\"")
        let weak = EntityTag(fieldValue: "W/\"a\"")
        #expect(strong?.isWeak == false)
        #expect(weak?.fieldValue == "W/\"a\"")
        #expect(strong.flatMap { tag in weak.map { tag.matchesWeakly($0) } } == true)
        #expect(strong.flatMap { tag in weak.map { tag.matchesStrongly($0) } } == false)
        #expect(strong?.isListed(in: "\"b\", W/\"a\"", strongly: false) == true)
        #expect(strong?.isListed(in: "\"b\", W/\"a\"", strongly: true) == false)
        #expect(strong?.isListed(in: "\"b,\", \"a\"", strongly: true) == true)
        #expect(strong?.isListed(in: "*", strongly: true) == true)
        #expect(strong?.isListed(in: "a, \"a", strongly: false) == false)
        #expect(strong?.isListed(in: "", strongly: false) == false)
    }

    @Test(arguments: ["", "a", "\"", "\"a", "a\"", "w/\"a\"", "W/", "W/a", "\"a\"b\"", "\"a b\"", "\"\u{1}\""])
    func `an entity tag that is none is refused`(text: String) {
        #expect(EntityTag(fieldValue: text) == nil)
    }

    @Test(arguments: [
        ("/media/1/index.m3u8", "application/vnd.apple.mpegurl"), ("a.MP4", "video/mp4"),
        ("/a.b/c", "application/octet-stream"),
        ("x.m4s", "video/iso.segment"), ("noextension", "application/octet-stream"),
        ("/a.", "application/octet-stream"),
        ("", "application/octet-stream"),
    ])
    func `a path tells its media type`(path: String, type: String) {
        #expect(MIMEType.forPath(path) == type)
    }
}
