import EventLoop
import HTTPClient
import HTTPServer
import HTTPWire
import TestKit
import Testing

@testable import Edge

@Suite struct LoopMarkTests {
    private static let mark = LoopMark(random: 0xabc)

    @Test func `the name is a token of its own`() {
        #expect(Self.mark.name == "weir-0000000000000abc")
    }

    @Test func `our own name makes a loop wherever it stands`() {
        for value in [
            "weir-0000000000000abc", "other, weir-0000000000000abc;v=1", "a ,WEIR-0000000000000ABC",
        ] {
            #expect(Self.mark.isLoop([value]), "\(value)")
        }
        #expect(Self.mark.isLoop(["first", "weir-0000000000000abc"]))
        #expect(!Self.mark.isLoop([]))
        #expect(!Self.mark.isLoop(["weir-0000000000000abd, cdn.example; x=weir-0000000000000abc"]))
    }

    @Test func `too many hops are a loop too`() {
        let hops = (1...9).map { "h\($0)" }
        #expect(!Self.mark.isLoop([hops.dropLast().joined(separator: ", ")]))
        #expect(Self.mark.isLoop([hops.joined(separator: ", ")]))
    }

    @Test func `an edge that is its own origin says so at once, for fills and passes`() async throws {
        try await withWorld { world in
            // The origin sends what it is asked back to the edge, marks included, as a misplaced edge would.
            let port = world.edgePort
            for path in ["/open/a", "/api/a"] {
                world.origin.answer(path) { request in
                    let marks = request.headers.values("CDN-Loop").joined(separator: ", ")
                    let connection = try? RawConnection(to: .loopback(port: port))
                    connection?.send(
                        "GET \(path) HTTP/1.1\r\nHost: h\r\nCDN-Loop: \(marks)\r\nConnection: close\r\n\r\n")
                    let answer = connection?.receiveAll() ?? ""
                    return .text(.ok, String(answer.prefix(12)))
                }
                let answer = try await world.get(path)
                #expect(answer.text == "HTTP/1.1 508")
            }
        }
    }

    @Test func `marks of others travel on, ours comes last`() async throws {
        try await withWorld { world in
            for path in ["/open/a", "/api/a"] {
                world.origin.answer(path, [1])
                _ = try await world.get(path, headers: ["CDN-Loop": "first.example"])
                let marks = world.origin.requests(path).first?.headers.values("CDN-Loop") ?? []
                #expect(marks.first == "first.example")
                #expect(marks.last?.hasPrefix("weir-") == true)
            }
        }
    }
}
