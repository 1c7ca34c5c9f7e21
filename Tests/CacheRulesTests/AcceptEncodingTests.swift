import CacheRules
import Testing

/// RFC 9110 §12.5.3: which coding a client gets.
struct AcceptEncodingTests {
    private func accept(_ lines: String...) -> AcceptEncoding {
        var accept = AcceptEncoding()
        for line in lines { Array(line.utf8).withUnsafeBytes { accept.add($0) } }
        return accept
    }

    @Test(arguments: [
        ("gzip, deflate, br, zstd", AcceptEncoding.Coding.brotli), ("gzip", .gzip), ("GZIP;Q=0.5", .gzip),
        ("x-gzip", .gzip),
        ("br;q=0.5, gzip;q=0.8", .gzip), ("*", .brotli), ("*;q=0.1, br;q=0", .gzip), ("gzip;q=1.000", .gzip),
        ("gzip;q=0.001", .gzip), ("br;q=0.5, identity;q=0.5", .brotli),
    ])
    func `the coding with the highest weight is sent, brotli among equals`(value: String, coding: AcceptEncoding.Coding)
    {
        #expect(accept(value).choice(brotli: true, gzip: true) == coding)
    }

    @Test(arguments: [
        "", "identity", "deflate", "gzip;q=0, br;q=0", "*;q=0", "gzip;q=0.000", "gzip;q=2", "gzip;q=0.1234", "gzip;q=x",
        "gzip;q=", "gzip;q=-1", "identity, gzip;q=0.5", "gzipp", "gzip;q=1.001", "gzip;q=00",
    ])
    func `a client that takes no coding, prefers none or writes nonsense gets the identity`(value: String) {
        #expect(accept(value).choice(brotli: true, gzip: true) == nil)
    }

    @Test func `only what is at hand is chosen`() {
        #expect(accept("br, gzip").choice(brotli: false, gzip: true) == .gzip)
        #expect(accept("br").choice(brotli: false, gzip: true) == nil)
        #expect(accept("br, gzip").choice(brotli: false, gzip: false) == nil)
    }

    @Test func `several lines add up`() {
        #expect(accept("gzip;q=0.3", "br;q=0.2").choice(brotli: true, gzip: true) == .gzip)
        #expect(AcceptEncoding().choice(brotli: true, gzip: true) == nil)
    }
}
