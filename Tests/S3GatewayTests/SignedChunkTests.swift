import AccessSigning
import Bytes
import Catalog
import Crypto
import HTTPServer
import HTTPWire
import ObjectStore
import Testing

@Suite struct SignedChunkTests {
    private let crc32c = "4waSgw=="

    @Test func `a body of signed chunks is stored without its framing`() async throws {
        let bench = try Bench()
        let response = await bench.send(try upload(bench, ["1234", "56789"]))
        #expect(response.status == .ok)
        let object = try #require(try await bench.visible("media", "k"))
        #expect(try await bench.bytes(of: object) == Array("123456789".utf8))
        #expect(object.headers["content-encoding"] == "gzip")
    }

    @Test func `a signed trailer brings the checksum`() async throws {
        let bench = try Bench()
        let request = try upload(bench, ["1234", "56789"], trailer: "x-amz-checksum-crc32c:\(crc32c)")
        let response = await bench.send(request)
        #expect(response.status == .ok)
        #expect(response.headers.first("x-amz-checksum-crc32c") == crc32c)
    }

    @Test func `bytes, order, number or trailer other than signed leave nothing visible`() async throws {
        let bench = try Bench()
        let trailer = "x-amz-checksum-crc32c:\(crc32c)"
        for (request, from, to) in [
            (try upload(bench, ["1234", "56789"]), "1234", "1235"),
            (try upload(bench, ["1234", "56789"], trailer: trailer), crc32c, "AAAAAA=="),
            (try upload(bench, ["1234", "56789"], trailer: trailer), "trailer-signature:", "trailer-signature:00"),
        ] {
            var forged = request
            let text = String(decoding: try await request.body.collect(upTo: 4_096), as: UTF8.self)
            forged.body = RequestBody(Array(text.replacingFirst(from, with: to).utf8))
            #expect([400, 403].contains(await bench.send(forged).status.code))
        }
        var exchanged = try upload(bench, ["12345", "12345"], size: 10)
        let text = String(decoding: try await exchanged.body.collect(upTo: 4_096), as: UTF8.self)
        let chunks = text.split(separator: "5;")
        exchanged.body = RequestBody(Array("5;\(chunks[1])5;\(chunks[0])".utf8))
        #expect([400, 403].contains(await bench.send(exchanged).status.code))
        let lastMissing = try upload(bench, ["1234", "56789"], signsEnd: false)
        #expect(await bench.send(lastMissing).code == "IncompleteBody")
        #expect(try await bench.visible("media", "k") == nil)
        #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
    }

    @Test func `a form of signature that is not verified is refused by name`() async throws {
        let bench = try Bench()
        let request = try bench.request(
            .put, "/media/k", [("x-amz-decoded-content-length", "9")],
            payload: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
        #expect(await bench.send(request).status == .notImplemented)
    }

    /// An upload whose chunks are signed as Amazon describes it, by arithmetic of its own.
    private func upload(
        _ bench: Bench, _ chunks: [String], trailer: String? = nil, size: Int = 9, signsEnd: Bool = true
    ) throws -> Request {
        var fields = [("x-amz-decoded-content-length", "\(size)"), ("Content-Encoding", "aws-chunked,gzip")]
        if trailer != nil { fields.append(("x-amz-trailer", "x-amz-checksum-crc32c")) }
        var request = try bench.request(
            .put, "/media/k", fields,
            payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD\(trailer == nil ? "" : "-TRAILER")")
        let timestamp = try #require(request.headers.first("x-amz-date"))
        let scope = SigV4Scope(day: String(timestamp.prefix(8)), region: "eu-central-1", service: "s3")
        let authorization = try #require(request.headers.first("authorization"))
        var last = String(try #require(authorization.split(separator: "Signature=").last))
        func sign(_ kind: String, _ hashes: [String]) -> String {
            let text = (["AWS4-HMAC-SHA256-\(kind)", timestamp, "\(scope)", last] + hashes).joined(separator: "\n")
            last = SigV4.signature(of: text, scope: scope, secretAccessKey: Bench.administrator.secret)
            return last
        }
        func hash(_ text: String) -> String { Hex.encode(Digest.sha256(Array(text.utf8))) }
        var body = ""
        for chunk in signsEnd ? chunks + [""] : chunks {
            let signature = sign("PAYLOAD", [hash(""), hash(chunk)])
            body += "\(String(chunk.utf8.count, radix: 16));chunk-signature=\(signature)\r\n"
            body += chunk.isEmpty ? "" : "\(chunk)\r\n"
        }
        if let trailer {
            body += "\(trailer)\r\nx-amz-trailer-signature:\(sign("TRAILER", [hash(trailer + "\n")]))\r\n"
        }
        request.body = RequestBody(Array((body + (signsEnd ? "\r\n" : "")).utf8))
        return request
    }
}

extension String {
    fileprivate func replacingFirst(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}
