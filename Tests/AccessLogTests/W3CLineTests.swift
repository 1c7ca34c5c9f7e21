import AccessLog
import Testing

struct W3CLineTests {
    @Test func `A line has the 33 fields that the header names, in its order`() throws {
        let header = "\(W3CLine.header)".split(separator: "\n")
        #expect(header.first == "#Version: 1.0")
        let names = try #require(header.last).dropFirst("#Fields: ".count).split(separator: " ").map(String.init)
        #expect(names.count == 33 && Set(names).count == 33)
        let fields = try w3c(everything(Texts()))
        #expect(
            fields == [
                "2026-11-21", "03:00:00", "FRA1", "1500", "192.0.2.7", "GET", "media.example.com",
                "/media/42/seg%20ment.m4s", "206", "https://example.com/watch",
                "Mozilla/5.0%20(X11;%20Linux%20x86_64)%20100%25", "a=1&b=%2F", "session;%2520theme", "Hit",
                "0123456789abcdef0123456789abcdef", "cdn.example.com", "https", "412", "12.345",
                "198.51.100.1,%20203.0.113.9", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "Hit", "HTTP/2.0", "-", "-",
                "40123", "0.001", "Hit", "video/mp4", "1000", "100", "1099",
            ])
        #expect(names[3] == "sc-bytes" && names[12] == "cs(Cookie)" && names[26] == "c-port")
    }

    @Test func `What is not there is a dash, and no response has the status 000`() throws {
        let fields = try w3c(Described())
        #expect(fields.count == 33)
        #expect(fields[8] == "000")
        for index in [2, 4, 6, 9, 10, 11, 12, 15, 19, 20, 21, 24, 25, 29, 30, 31, 32] {
            #expect(fields[index] == "-", "field \(index)")
        }
    }

    @Test func `No byte of a client's can break a line or a field`() throws {
        let texts = Texts()
        var described = everything(texts)
        described.sender.userAgent = texts((0...255).map { UInt8($0) })
        described.record.path = texts(Array("/a\tb\nc".utf8) + [0x80, 0xff])
        let fields = try w3c(described)
        #expect(fields.count == 33)
        #expect(fields[7] == "/a%09b%0Ac%80%FF")
        #expect(fields[10].utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
        #expect(fields[10].contains("%22#".dropLast()) && fields[10].contains("%7E%7F%80"))
    }

    @Test func `A response that the client did not take whole is an error, whatever it began as`() throws {
        let described = everything(Texts())
        let record = described.record
        record.isComplete = false
        var fields = try w3c(described)
        #expect(fields[13] == "Error" && fields[22] == "Hit" && fields[28] == "ClientCommError")
        record.status = 0
        record.responseType = .error
        fields = try w3c(described)
        #expect(fields[13] == "Error" && fields[28] == "ClientHungUpRequest")
        record.cause = .originReadError
        #expect(try w3c(described)[28] == "OriginReadError")
    }
}
