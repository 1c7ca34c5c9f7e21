import Bytes
import Crypto
import HTTPServer
import HTTPWire
import S3Gateway
import Testing

@Suite struct MultipartChecksumTests {
    private let first = MultipartClient.bytes(1)
    private let last = Array("123456789".utf8)

    @Test(arguments: ["CRC32", "CRC32C"])
    func `the checksum of the whole is that of its bytes, of parts that brought theirs and of others`(
        _ algorithm: String
    )
        async throws
    {
        let bench = try Bench()
        let upload = try await MultipartClient(
            bench, to: "/media/k",
            [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", "FULL_OBJECT")])
        let field = "x-amz-checksum-\(algorithm.lowercased())"
        #expect(try await upload.put(1, first, [(field, checksum(first, algorithm))]).status == .ok)
        let second = try await upload.put(2, last)
        #expect(second.headers.first(field) == checksum(last, algorithm))
        let whole = checksum(first + last, algorithm)
        let parts = [(1, MultipartClient.tag(first)), (2, MultipartClient.tag(last))]
        #expect(try await upload.complete(parts, [(field, checksum(last, algorithm))]).code == "BadDigest")
        #expect(try await upload.complete(parts, [("x-amz-mp-object-size", "1")]).code == "InvalidRequest")
        let response = try await upload.complete(parts, [(field, whole)])
        #expect(response.between("<Checksum\(algorithm)>", "</Checksum\(algorithm)>") == whole)
        #expect(response.between("<ChecksumType>", "</ChecksumType>") == "FULL_OBJECT")
        let head = await bench.send(try bench.request(.head, "/media/k", [("x-amz-checksum-mode", "ENABLED")]))
        #expect(head.headers.first(field) == whole && head.headers.first("x-amz-checksum-type") == "FULL_OBJECT")
    }

    @Test(arguments: ["CRC32", "CRC32C", "SHA1", "SHA256"])
    func `a composite checksum is the checksum of the parts' checksums`(_ algorithm: String) async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k", [("x-amz-checksum-algorithm", algorithm)])
        _ = try await upload.put(1, first)
        _ = try await upload.put(2, last)
        let raw = [first, last].flatMap { Base64.decode(checksum($0, algorithm)) ?? [] }
        let response = try await upload.complete([(1, MultipartClient.tag(first)), (2, MultipartClient.tag(last))])
        #expect(
            response.between("<Checksum\(algorithm)>", "</Checksum\(algorithm)>") == checksum(raw, algorithm) + "-2")
        #expect(response.between("<ChecksumType>", "</ChecksumType>") == "COMPOSITE")
    }

    @Test func `a part is held to the upload's algorithm and to the checksum of the completion`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k", [("x-amz-checksum-algorithm", "CRC32")])
        let other = try await upload.put(1, last, [("x-amz-checksum-crc32c", checksum(last, "CRC32C"))])
        #expect(other.code == "InvalidRequest")
        _ = try await upload.put(1, last)
        func list(_ crc32: String) -> String {
            """
            <CompleteMultipartUpload><Part><ChecksumCRC32>\(crc32)</ChecksumCRC32><ETag>\(MultipartClient.tag(last))</ETag>\
            <PartNumber>1</PartNumber></Part></CompleteMultipartUpload>
            """
        }
        #expect(try await upload.complete(xml: list("AAAAAA==")).code == "InvalidPart")
        #expect(try await upload.complete(xml: list("y/Q5Jg==")).status == .ok)
    }

    @Test(arguments: [
        [("x-amz-checksum-algorithm", "MD4")], [("x-amz-checksum-type", "COMPOSITE")],
        [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")],
        [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "BOTH")],
    ])
    func `a checksum that cannot be made is refused at the beginning`(_ fields: [(String, String)]) async throws {
        let bench = try Bench()
        #expect(await bench.send(try bench.request(.post, "/media/k?uploads=", fields)).code == "InvalidRequest")
    }

    private func checksum(_ bytes: [UInt8], _ algorithm: String) -> String {
        func encode(_ value: UInt32) -> String { Base64.encode(withUnsafeBytes(of: value.bigEndian) { Array($0) }) }
        return switch algorithm {
        case "CRC32": bytes.withUnsafeBytes { encode(CRC32.checksum($0)) }
        case "CRC32C": bytes.withUnsafeBytes { encode(CRC32C.checksum($0)) }
        case "SHA1": Base64.encode(Digest.sha1(bytes))
        default: Base64.encode(Digest.sha256(bytes))
        }
    }
}
