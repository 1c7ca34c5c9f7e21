import HTTPWire
import Testing

@testable import Edge

@Suite struct ResponseFieldsTests {
    private let received: Headers = [
        "Content-Type": "video/mp4", "Connection": "X-Hop, close", "X-Hop": "1", "Transfer-Encoding": "chunked",
        "Set-Cookie": "a=b", "Age": "3", "Via": "1.1 other", "x-amz-request-id": "1", "Cache-Tag": "t",
        "Access-Control-Allow-Origin": "*", "ETag": "\"v\"", "Content-Range": "bytes 0-1/2",
    ]

    private func block(_ policy: ResponseHeadersPolicy? = nil, isStored: Bool) -> String {
        String(
            decoding: isStored
                ? ResponseFields.shared(received, policy: policy, withheld: ["set-cookie"])
                : ResponseFields.passing(received, policy: policy), as: UTF8.self)
    }

    @Test func `what is stored is for everybody and of no connection`() {
        #expect(
            block(isStored: true)
                == "Content-Type: video/mp4\r\nAccess-Control-Allow-Origin: *\r\nETag: \"v\"\r\n")
    }

    @Test func `what passes by keeps what is for its client`() {
        #expect(
            block(isStored: false) == "Content-Type: video/mp4\r\nSet-Cookie: a=b\r\nAge: 3\r\nVia: 1.1 other\r\n"
                + "Cache-Tag: t\r\nAccess-Control-Allow-Origin: *\r\nETag: \"v\"\r\nContent-Range: bytes 0-1/2\r\n")
    }

    @Test func `a policy's own fields replace the origin's`() {
        let rules = CrossOriginRules(
            origins: nil, allowsCredentials: true, methods: "GET", headers: "", exposedHeaders: "", maxAgeSeconds: 1)
        let policy = ResponseHeadersPolicy(
            id: "p", cors: rules,
            fields: [
                .init(name: "etag", value: "x", replacesOrigins: true),
                .init(name: "Content-Type", value: "x", replacesOrigins: false),
            ])
        #expect(block(policy, isStored: true) == "Content-Type: video/mp4\r\n")
    }

    @Test func `tags come from three fields, each once`() {
        let headers: Headers = [
            "Cache-Tag": "a, b", "Surrogate-Key": "b c", "x-amz-meta-cache-tag": "video:v1,a",
        ]
        let tags = FillJudge.tags(headers, in: "cache-tag").map { String(decoding: $0, as: UTF8.self) }
        #expect(tags == ["a", "b", "video:v1", "c"])
        #expect(FillJudge.tags(["Cache-Tag": "a", "Edge-Tag": "B, c"], in: "edge-tag") == [[0x62], [0x63]])
    }
}
