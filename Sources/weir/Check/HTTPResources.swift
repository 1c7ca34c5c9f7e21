import Conformance
import HTTPClient
import HTTPWire
import Synchronization
import TLS

/// Fetches what a presentation lists from web servers: follows redirects, and shows cookies to nobody but the first host.
final class HTTPResources: Sendable {
    /// More bytes than this in one answer are no playlist and no segment of seconds.
    static let largestSegment = 256 << 20
    static let largestPlaylist = 16 << 20
    private static let mostRedirects = 5

    /// One answer that the cache of an edge can be asked for again.
    struct Fetched: Hashable {
        let address: String
        let range: Range<Int>?
    }

    private let client: HTTPClient
    private let tls: TLSClientContext
    /// Whose cookies and headers these are; nobody else gets them.
    private let home: HTTPURL
    private let headers: [(name: String, value: String)]
    private let fetchedOnce = Mutex<[Fetched]>([])

    /// - Parameter headers: sent to the host of `home` alone.
    init(client: HTTPClient, home: HTTPURL, headers: [(name: String, value: String)]) throws(CommandFailure) {
        self.client = client
        self.home = home
        self.headers = headers
        do {
            tls = try TLSClientContext(trust: .system)
        } catch {
            throw CommandFailure("cannot prepare TLS: \(error)")
        }
    }

    /// What was fetched so far, without repetition.
    var fetched: [Fetched] {
        var known: Set<Fetched> = []
        return fetchedOnce.withLock { $0 }.filter { known.insert($0).inserted }
    }

    func fetch(_ request: ResourceRequest) async -> Result<Resource, ResourceFailure> {
        do throws(ResourceFailure) {
            var resource = try await get(request)
            if request.kind == .playlist, resource.delivery != nil {
                resource.delivery?.isCompressible = await isCompressible(request.address)
            }
            fetchedOnce.withLock { $0.append(Fetched(address: request.address, range: request.range)) }
            return .success(resource)
        } catch {
            return .failure(error)
        }
    }

    /// Whether an edge answers from its cache.
    func isHit(_ fetched: Fetched) async -> Bool {
        let answer = try? await send(fetched.address, range: fetched.range, coding: "identity")
        guard let answer, (try? await answer.body.collect(upTo: Self.largestSegment)) != nil else { return false }
        return answer.headers.first("X-Cache")?.hasPrefix("Hit") == true
    }

    // MARK: Requests

    private func get(_ request: ResourceRequest) async throws(ResourceFailure) -> Resource {
        var address = request.address
        for redirect in 0...Self.mostRedirects {
            let answer = try await send(address, range: request.range, coding: "identity")
            switch answer.status.code {
            case 200, 206:
                return try await resource(answer, from: address, for: request, isRedirected: redirect > 0)
            case 301, 302, 303, 307, 308:
                guard let location = answer.headers.first("Location") else {
                    throw .missing(status: answer.status.code)
                }
                address = ResourceAddress.resolve(location, against: address)
            default:
                throw .missing(status: answer.status.code)
            }
        }
        throw .unreachable("it redirects more than \(Self.mostRedirects) times")
    }

    private func resource(
        _ answer: ClientResponse, from address: String, for request: ResourceRequest, isRedirected: Bool
    ) async throws(ResourceFailure) -> Resource {
        let limit =
            request.kind == .segment || request.kind == .initialization ? Self.largestSegment : Self.largestPlaylist
        var content: [UInt8]
        do {
            content = try await answer.body.collect(upTo: limit)
        } catch {
            throw error.kind == .tooLarge ? .tooLarge(limit: limit) : .unreachable("\(error)")
        }
        if let coding = answer.headers.first("Content-Encoding"), coding.lowercased() != "identity" {
            throw .unreachable("it comes with Content-Encoding: \(coding), which was not asked for")
        }
        if let range = request.range, answer.status.code == 200 {
            guard range.upperBound <= content.count else { throw .unreachable("it is shorter than its byte range") }
            content = Array(content[range])
        }
        let delivery = Resource.Delivery(
            contentType: answer.headers.first("Content-Type"), isRedirected: isRedirected,
            isTLS: address.lowercased().hasPrefix("https:"))
        return Resource(content: content, address: address, delivery: delivery)
    }

    /// Asks again, because an answer that is not compressed is the one that can be measured; and more than once, because caches
    /// that compress beside answer as they can in the meantime.
    private func isCompressible(_ address: String) async -> Bool? {
        for attempt in 0..<4 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50 << attempt)) }
            guard let answer = try? await send(address, range: nil, coding: "gzip"), answer.status.code == 200 else {
                return nil
            }
            guard let content = try? await answer.body.collect(upTo: Self.largestPlaylist) else { return nil }
            if answer.headers.first("Content-Encoding")?.lowercased() == "gzip" { return true }
            // Nobody compresses these.
            if content.count < 1_000 { return false }
        }
        return false
    }

    private func send(
        _ address: String, range: Range<Int>?, coding: String
    ) async throws(ResourceFailure) -> ClientResponse {
        guard let url = HTTPURL(address) else { throw .unreachable("\(address) is no http:// or https:// address") }
        var fields = Headers()
        fields.add("Accept-Encoding", coding)
        if let range {
            guard !range.isEmpty else { throw .unreachable("its byte range is empty") }
            fields.add("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        }
        if url.host == home.host, url.port == home.port, url.usesTLS == home.usesTLS {
            for (name, value) in headers { fields.add(name, value) }
        }
        let endpoint = Endpoint(host: url.host, port: url.port, tls: url.usesTLS ? tls : nil)
        do {
            return try await client.send(ClientRequest(endpoint: endpoint, target: url.target, headers: fields))
        } catch {
            throw .unreachable("\(error)")
        }
    }
}
