internal import EventLoop
internal import HTTPServer
public import HTTPWire
public import JSON
internal import Synchronization

/// A collector that keeps the spans it is sent by OTLP/HTTP in JSON.
public final class SpanSink: Sendable {
    /// One span as it came.
    public struct Received: Sendable {
        /// Everything the protocol says of it.
        public let document: JSONValue
        /// Of the process that sent it.
        public let service: String

        /// The text of a member such as `spanId`; empty when it is not there.
        public subscript(member: String) -> String { document[member]?.string ?? "" }

        /// An attribute's text or number, as text; `nil` when it is not there.
        public func attribute(_ name: String) -> String? {
            let value = document["attributes"]?.array?.first { $0["key"]?.string == name }?["value"]
            return value?["stringValue"]?.string ?? value?["intValue"]?.string
        }
    }

    private struct State {
        var requests = 0
        var headers: [Headers] = []
        var spans: [Received] = []
    }

    /// Its base URL.
    public let url: String
    private let group: EventLoopGroup
    private let server: HTTPServer
    private let state: Shared

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// Answers the first requests with these statuses, keeping nothing, and all further ones with 200.
    public init(answering statuses: [HTTPStatus] = []) throws {
        let shared = Shared()
        state = shared
        group = try EventLoopGroup(loops: 1)
        server = HTTPServer(group: group) { _ in
            AsyncExchangeHandler { request in
                let number = shared.state.withLock { state in
                    defer { state.requests += 1 }
                    state.headers.append(request.headers)
                    return state.requests
                }
                guard request.path == "/v1/traces", request.headers.first("Content-Type") == "application/json",
                    let body = try? await request.body.collect(upTo: 1 << 24),
                    let document = try? JSONValue.parse(body)
                else { return .text(.badRequest, "not an export of traces\n") }
                if number < statuses.count { return .text(statuses[number], "as the test wants\n") }
                let spans = Self.spans(in: document)
                shared.state.withLock { $0.spans += spans }
                return Response(status: .ok, contentType: "application/json", bytes: Array("{}".utf8))
            }
        }
        url = "http://127.0.0.1:\(try server.bind(to: .loopback(port: 0)).port)"
    }

    /// What has come so far.
    public var spans: [Received] { state.state.withLock { $0.spans } }

    /// How often it was asked.
    public var requests: Int { state.state.withLock { $0.requests } }

    /// The fields of each request.
    public var headers: [Headers] { state.state.withLock { $0.headers } }

    /// Closes the listener and every connection.
    public func stop() async {
        await server.drain(within: .zero)
        await group.shutdown()
    }

    private static func spans(in document: JSONValue) -> [Received] {
        (document["resourceSpans"]?.array ?? []).flatMap { resource in
            let attributes = resource["resource"]?["attributes"]?.array ?? []
            let service = attributes.first { $0["key"]?.string == "service.name" }?["value"]?["stringValue"]?.string
            return (resource["scopeSpans"]?.array ?? []).flatMap { $0["spans"]?.array ?? [] }.map {
                Received(document: $0, service: service ?? "")
            }
        }
    }
}
