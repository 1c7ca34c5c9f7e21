import AccessSigning
import Crypto
import Testing

/// The worked examples of Amazon's "Signature calculations for the Authorization header: transferring payload in multiple
/// chunks" and "… including trailing headers": 66,560 times the letter a, in chunks of 64 KiB.
@Suite struct ChunkChainTests {
    private let ring = AccessKeyRing([
        AccessKey(
            id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", role: .admin)
    ])

    private func chain(
        payload: String, fields: [SigV4Request.Header], signedHeaders: String, signature: String
    ) throws -> SigV4ChunkChain {
        let headers: [SigV4Request.Header] =
            [
                ("Host", "s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"), ("x-amz-content-sha256", payload),
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                        + "SignedHeaders=\(signedHeaders), Signature=\(signature)"
                ),
            ] + fields
        return try ring.signature(
            of: SigV4Request(method: "PUT", path: "/examplebucket/chunkObject.txt", headers: headers),
            payload: .declared, regions: ["us-east-1"], service: "s3", nowEpochSeconds: 1_369_353_600
        ).chunkChain
    }

    private func hash(_ count: Int) -> [UInt8] { Digest.sha256([UInt8](repeating: UInt8(ascii: "a"), count: count)) }

    @Test func `signed chunks have Amazon's published signatures, in this order and with these bytes alone`() throws {
        let start = try chain(
            payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", fields: [("Content-Length", "66824")],
            signedHeaders: "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                + "x-amz-decoded-content-length;x-amz-storage-class",
            signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        let signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
        #expect(accepted(start, Array(zip(signatures, [65_536, 1_024, 0]))) == [true, true, true])
        #expect(accepted(start, [(signatures[0], 65_535)]) == [false])
        #expect(accepted(start, [(signatures[1], 1_024)]) == [false])
        #expect(accepted(start, [(signatures[0], 65_536), (signatures[0], 65_536)]) == [true, false])
    }

    @Test func `signed trailers have Amazon's published signature`() throws {
        var chain = try chain(
            payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            fields: [("x-amz-trailer", "x-amz-checksum-crc32c")],
            signedHeaders: "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                + "x-amz-storage-class;x-amz-trailer",
            signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
        for (signature, count) in [
            ("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", 65_536),
            ("1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", 1_024),
            ("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", 0),
        ] {
            let isAccepted = chain.accepts(signature, chunkHash: hash(count))
            #expect(isAccepted)
        }
        for (checksum, isRight) in [("sOO8/Q==", true), ("AAAAAA==", false)] {
            var end = chain
            let isAccepted = end.accepts(
                "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
                trailers: "x-amz-checksum-crc32c:\(checksum)\n")
            #expect(isAccepted == isRight)
        }
    }

    /// What is said of chunks of so many letters.
    private func accepted(_ start: SigV4ChunkChain, _ chunks: [(signature: String, count: Int)]) -> [Bool] {
        var chain = start
        return chunks.map { chain.accepts($0.signature, chunkHash: hash($0.count)) }
    }
}
