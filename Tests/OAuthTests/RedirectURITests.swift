import HTTPWire
import Testing

@testable import OAuth

@Suite struct RedirectURITests {
    @Test(arguments: [
        "https://app.example.com/callback", "https://app.example.com", "https://app.example.com:8443/a?b=c",
        "http://localhost:3000/callback", "http://127.0.0.1/", "http://[::1]:8080/x", "myapp://example",
        "com.example.app:/callback", "HTTPS://APP.example.com/",
    ]) func `these may be named`(address: String) {
        #expect(RedirectURI.isAcceptable(address))
    }

    @Test(arguments: [
        "", "/callback", "//app.example.com/", "app.example.com", "http://app.example.com/", "https://",
        "http://localhost.example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1@evil.test/",
        "https://user@app.example.com/", "https://app.example.com/#fragment", "https://app.example.com/#",
        "https://app.example.com/a b", "https://app.example.com/\\evil", "https://app.example.com/\n",
        "https://app.example.com/\u{e9}", "https://app.example.com/<script>", "https://app.example.com:0/",
        "https://app.example.com:port/", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
        "file:///etc/passwd", "myapp:", "1app://x", "-://x", ":x",
    ]) func `these may not`(address: String) {
        #expect(!RedirectURI.isAcceptable(address))
    }

    @Test func `an address has its bounds`() {
        let base = "https://app.example.com/"
        let longest = base + String(repeating: "a", count: RedirectURI.maximumBytes - base.utf8.count)
        #expect(RedirectURI.isAcceptable(longest) && !RedirectURI.isAcceptable(longest + "a"))
    }

    @Test func `what is added becomes a query or continues one, and cannot leave its place`() {
        let items = [Query.Item(name: "state", value: "a&b=c #/é\r\n")]
        let written = "state=a%26b%3Dc%20%23%2F%C3%A9%0D%0A"
        #expect(RedirectURI.adding(items, to: "https://a.test/x") == "https://a.test/x?\(written)")
        #expect(RedirectURI.adding(items, to: "https://a.test/x?y=1") == "https://a.test/x?y=1&\(written)")
    }
}
