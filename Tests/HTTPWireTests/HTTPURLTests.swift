import HTTPWire
import Testing

@Suite struct HTTPURLTests {
    @Test func `host, port and target are told apart`() throws {
        let url = try #require(HTTPURL("http://127.0.0.1:9001/bucket/a%20b?x=1&y=/?#part"))
        #expect(!url.usesTLS)
        #expect(url.host == "127.0.0.1")
        #expect(url.port == 9001)
        #expect(url.target == "/bucket/a%20b?x=1&y=/?")
    }

    @Test(arguments: [("http://a", 80, "/"), ("HTTPS://a/", 443, "/"), ("http://a?x", 80, "/?x")])
    func `what is left out has its default`(text: String, port: Int, target: String) throws {
        let url = try #require(HTTPURL(text))
        #expect(url.port == port)
        #expect(url.target == target)
    }

    @Test func `an IPv6 address stands in brackets and is given without`() throws {
        let url = try #require(HTTPURL("http://[::1]:8080/a"))
        #expect(url.host == "::1")
        #expect(url.port == 8080)
    }

    @Test func `a base URL ends with the authority`() throws {
        #expect(try #require(HTTPURL("http://a:1")).isBase)
        #expect(try !#require(HTTPURL("http://a:1/b")).isBase)
    }

    @Test(arguments: [
        "ftp://a/", "a", "http://", "http:///a", "http://u:p@a/", "http://a:0/", "http://a:65536/", "http://a:+1/",
        "http://a:/", "http://[::1/", "http://[::1]8080/", "http://a b/", "http://a/\r\nX: y",
    ])
    func `what is no HTTP URL is refused`(text: String) {
        #expect(HTTPURL(text) == nil)
    }

    @Test(arguments: [
        ("https://a.test", "https://a.test:443/"), ("http://[::1]/a?b#c", "http://[::1]:80/a?b"),
    ])
    func `a URL is put together from what was understood`(text: String, whole: String) throws {
        #expect(try #require(HTTPURL(text)).text == whole)
    }

    @Test func `what nobody in between can read is TLS, or on this machine under one of its own names`() throws {
        for text in ["https://a.test/", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost:8080/a"] {
            #expect(try #require(HTTPURL(text)).isProtected, "\(text)")
        }
        for text in [
            "http://a.test/", "http://127.0.0.2/", "http://localhost.a.test/", "http://127.0.0.1.a.test/",
            "https://a\\b/", "https://a%2eb/", "https://ä.test/",
        ] {
            #expect(try !#require(HTTPURL(text)).isProtected, "\(text)")
        }
    }
}
