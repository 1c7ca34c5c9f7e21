import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import ObjectStore
import Objects
import S3Gateway
import TestKit
import Testing

@Suite struct LoopbackTests {
    @Test func `a body cut short is refused or dropped and never visible`() async throws {
        try await withListener { bench, address in
            let connection = try RawConnection(to: address)
            connection.send(try head(bench.presigned(.put, "/media/k"), ["Content-Length: 100"]))
            connection.send(String(repeating: "x", count: 50))
            connection.shutdownWrite()
            #expect(!connection.receiveAll().hasPrefix("HTTP/1.1 200"))
            #expect(try await bench.visible("media", "k") == nil)
            #expect(try await bench.blobs.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
        }
    }

    @Test func `a client that waits is told to go on, but not one whose signature is wrong`() async throws {
        try await withListener { bench, address in
            let good = try RawConnection(to: address)
            good.send(try head(bench.presigned(.put, "/media/k"), ["Content-Length: 4", "Expect: 100-continue"]))
            #expect(good.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            good.send("film")
            #expect(good.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
            #expect(try await bench.visible("media", "k")?.size == 4)

            var forged = try bench.presigned(.put, "/media/k")
            forged.target += "0"
            let bad = try RawConnection(to: address)
            bad.send(head(forged, ["Content-Length: 4", "Expect: 100-continue"]))
            let answer = bad.receiveResponse()
            #expect(answer.head.hasPrefix("HTTP/1.1 403") && answer.body.contains("SignatureDoesNotMatch"))
        }
    }

    @Test func `a large object comes back byte for byte, whole and in part`() async throws {
        try await withListener { bench, address in
            let body = (0..<3_000_000).map { UInt8(97 + $0 % 23) }
            let put = try RawConnection(to: address)
            put.send(try head(bench.presigned(.put, "/media/k"), ["Content-Length: \(body.count)"]))
            put.send(body)
            #expect(put.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
            let get = try RawConnection(to: address)
            get.send(try head(bench.presigned(.get, "/media/k"), []))
            #expect(Array(get.receiveResponse().body.utf8) == body)
            get.send(try head(bench.presigned(.get, "/media/k"), ["Range: bytes=1000000-2000000"]))
            let part = get.receiveResponse()
            #expect(part.head.hasPrefix("HTTP/1.1 206"))
            #expect(Array(part.body.utf8) == Array(body[1_000_000...2_000_000]))
        }
    }

    @Test func `an object assembled of others is read like any, whole and in part`() async throws {
        try await withListener { bench, address in
            let body = (0..<600_000).map { UInt8(97 + $0 % 23) }
            let put = try RawConnection(to: address)
            put.send(try head(bench.presigned(.put, "/media/k"), ["Content-Length: \(body.count)"]))
            put.send(body)
            #expect(put.receiveResponse().head.hasPrefix("HTTP/1.1 200"))
            let source = try #require(try await bench.visible("media", "k"))
            let described = StoredObject(
                bucket: "media", key: "whole", blob: "", size: 0, etag: "", contentType: "video/mp4",
                headers: ["content-disposition": "attachment"], createdAt: 1)
            let assembled = try await AssembledObject(
                described, own: Array("head".utf8),
                then: [.init(source, 300_000..<600_000), .init(source, 0..<300_000)], in: bench.blobs)
            try await bench.catalog.publish(assembled, in: bench.blobs) { _ in }
            let expected = Array("head".utf8) + body[300_000...] + body[..<300_000]
            let get = try RawConnection(to: address)
            for range in [0..<600_004, 2..<10, 299_000..<301_000, 300_004..<300_005, 600_003..<600_004] {
                get.send(
                    try head(
                        bench.presigned(.get, "/media/whole"),
                        ["Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)"]))
                let answer = get.receiveResponse()
                #expect(answer.head.hasPrefix("HTTP/1.1 206"))
                #expect(answer.head.lowercased().contains("content-disposition: attachment\r\n"))
                #expect(answer.body.utf8.elementsEqual(expected[range]), "\(range)")
            }
        }
    }

    @Test func `the answer to HEAD has the length and no bytes`() async throws {
        try await withListener { bench, address in
            _ = try await bench.put("/media/k", "film")
            let connection = try RawConnection(to: address)
            connection.send(try head(bench.presigned(.head, "/media/k"), ["Connection: close"]))
            let answer = connection.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n"))
            #expect(answer.lowercased().contains("content-length: 4\r\n"))
        }
    }

    private func head(_ request: Request, _ fields: [String]) -> String {
        let lines = ["\(request.method) \(request.target) HTTP/1.1", "Host: s3.test"] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func withListener(_ body: (Bench, SocketAddress) async throws -> Void) async throws {
        let bench = try Bench()
        let group = try EventLoopGroup(loops: 1, name: "s3-test")
        let gateway = bench.gateway
        let server = HTTPServer(configuration: HTTPServerConfiguration(), group: group) { _ in
            AsyncExchangeHandler { await gateway.respond(to: $0) }
        }
        let address = try server.bind(to: SocketAddress("127.0.0.1:0")!)
        try await body(bench, address)
        await server.drain(within: .seconds(1))
        await group.shutdown()
    }
}
