import AccessLog
import Bytes
import JSON
import Testing

struct JSONLineTests {
    @Test func `Everything known is a member`() throws {
        let line = try json(everything(Texts()))
        let expected: [(String, JSONValue)] = [
            ("ts", "2026-11-21T03:00:00.123Z"), ("level", "info"), ("label", "edge"), ("msg", "request"),
            ("request_id", "0123456789abcdef0123456789abcdef"), ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("location", "FRA1"), ("client", "192.0.2.7"), ("port", 40_123), ("country", "DE"), ("tls", true),
            ("tls_version", "TLSv1.3"), ("tls_cipher", "TLS_AES_128_GCM_SHA256"), ("protocol", "HTTP/2.0"),
            ("method", "GET"), ("host", "cdn.example.com"), ("path", "/media/42/seg%20ment.m4s"),
            ("query", "a=1&b=%2F"), ("referrer", "https://example.com/watch"),
            ("user_agent", "Mozilla/5.0 (X11; Linux x86_64) 100%"), ("forwarded_for", "198.51.100.1, 203.0.113.9"),
            ("cookies", "session;%20theme"), ("request_bytes", 412), ("status", 206), ("bytes", 1_000),
            ("response_bytes", 1_500), ("content_type", "video/mp4"), ("content_length", 1_000),
            ("range_start", 100), ("range_end", 1_099), ("cache", "hit"), ("result", "Hit"),
            ("distribution", "media.example.com"), ("behavior", "/media/*"), ("complete", true),
            ("first_byte_ms", 1.999), ("ms", 12_345.678),
        ]
        for (key, value) in expected { #expect(line[key] == value, "\(key)") }
        guard case .object(let members) = line else { return #expect(Bool(false), "an object") }
        #expect(members.count == expected.count)
    }

    @Test func `What is unknown is left out`() throws {
        let line = try json(Described())
        for key in ["trace_id", "country", "query", "tls_version", "content_length", "range_start", "detail"] {
            #expect(line[key] == nil, "\(key)")
        }
    }

    @Test func `No byte of a client's makes anything but JSON`() throws {
        let texts = Texts()
        var described = everything(texts)
        described.sender.userAgent = texts((0...255).map { UInt8($0) })
        described.sender.host = texts(Array("ex\"am\\ple\u{7f}é".utf8))
        let line = try json(described)
        #expect(line["host"] == "ex\"am\\ple\u{7f}é")
        #expect(line["user_agent"]?.string?.hasPrefix("\0\u{1}\u{2}") == true)
    }

    @Test func `Media data of the player become fields of their own, the first of each key`() throws {
        let texts = Texts()
        let described = everything(texts)
        let record = described.record
        record.cmcd.0 = texts(#"br=3200,bs,cid="a\"b",d=4004,mtp=25400,ot=v,pr=1.08,sf=h,sid="s-1",su=false,tb=6000"#)
        record.cmcd.1 = texts("br=1,bl=21300")
        record.cmcd.4 = texts("nor=\"..%2Fnext.m4s%3FSignature%3Dabc\",v=1,com.example-x=1")
        let line = try json(described)
        let expected: [(String, JSONValue)] = [
            ("cmcd-encoded-bitrate", 3_200), ("cmcd-buffer-starvation", true), ("cmcd-content-id", "a\"b"),
            ("cmcd-object-duration", 4_004), ("cmcd-measured-throughput", 25_400), ("cmcd-object-type", "v"),
            ("cmcd-playback-rate", 1.08), ("cmcd-streaming-format", "h"), ("cmcd-session-id", "s-1"),
            ("cmcd-startup", false), ("cmcd-top-bitrate", 6_000), ("cmcd-buffer-length", 21_300),
            ("cmcd-next-object-request", "..%2Fnext.m4s"), ("cmcd-version", 1),
        ]
        for (key, value) in expected { #expect(line[key] == value, "\(key)") }
        guard case .object(let members) = line else { return #expect(Bool(false), "an object") }
        #expect(members.keys.filter { $0.hasPrefix("cmcd-") }.count == expected.count)
    }
}
