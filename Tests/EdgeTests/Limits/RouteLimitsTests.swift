import EventLoop
import Telemetry
import Testing

@testable import Edge

@Suite struct RouteLimitsTests {
    private static let now: UInt64 = 1_000_000_000_000

    private func limits(
        _ rules: BehaviorLimits, of behavior: String = "/a/*", in distribution: String = "E1", book: LimitBook
    ) throws -> RouteLimits {
        let behavior = Behavior(
            pattern: PathPattern(behavior), originId: "app", viewerProtocol: .allowAll, allowedMethods: [],
            cachePolicy: nil, responseHeaders: nil, trustedKeyGroups: ["playback"], limits: rules)
        return try #require(book.limits(of: behavior, in: distribution))
    }

    private func book() -> LimitBook { LimitBook(capacity: 1024, registry: MetricsRegistry(EdgeMetricTable.all)) }

    @Test func `behaviors and distributions count each for itself, and one goes on after a reload`() throws {
        let (book, rules) = (book(), BehaviorLimits(requestsPerAddress: TokenBucket(perSecond: 1, burst: 1)))
        let first = try limits(rules, book: book)
        #expect(first.request(ofAddress: 7, at: Self.now) == .within)
        let refused = RouteLimits.Verdict.beyond(.requestsPerAddress, retryAfterSeconds: 1)
        #expect(first.request(ofAddress: 7, at: Self.now) == refused)
        #expect(try limits(rules, book: book).request(ofAddress: 7, at: Self.now) == refused)
        #expect(try limits(rules, of: "/b/*", book: book).request(ofAddress: 7, at: Self.now) == .within)
        #expect(try limits(rules, in: "E2", book: book).request(ofAddress: 7, at: Self.now) == .within)
    }

    @Test func `an address too many takes nothing from the grant's requests`() throws {
        let rules = BehaviorLimits(
            requestsPerGrant: TokenBucket(perSecond: 1, burst: 2),
            streamsPerGrant: .init(quantity: 1, windowSeconds: 30))
        let limits = try limits(rules, book: book())
        #expect(limits.request(ofGrant: 1, fromAddress: 1, at: Self.now) == .within)
        for _ in 0..<10 {
            #expect(
                limits.request(ofGrant: 1, fromAddress: 2, at: Self.now)
                    == .beyond(.streamsPerGrant, retryAfterSeconds: 31))
        }
        #expect(limits.request(ofGrant: 1, fromAddress: 1, at: Self.now) == .within)
        #expect(
            limits.request(ofGrant: 1, fromAddress: 1, at: Self.now) == .beyond(.requestsPerGrant, retryAfterSeconds: 1)
        )
    }

    @Test func `a behavior without limits has none to ask`() {
        let behavior = Behavior(
            pattern: nil, originId: "app", viewerProtocol: .allowAll, allowedMethods: [], cachePolicy: nil,
            responseHeaders: nil, trustedKeyGroups: [])
        #expect(book().limits(of: behavior, in: "E1") == nil)
    }

    @Test func `a host of IPv6 is one client with all its addresses, its neighbour another`() throws {
        func key(_ ip: String, port: UInt16 = 1) throws -> UInt64 {
            ConnectionState(peer: nil).addressKey(try #require(SocketAddress(ip: ip, port: port)))
        }
        #expect(try key("2001:db8::1") == key("2001:db8:0:0:ffff::9", port: 2))
        #expect(try key("2001:db8::1") != key("2001:db8:0:1::1"))
        #expect(try key("192.0.2.1") == key("::ffff:192.0.2.1"))
        #expect(try key("192.0.2.1") != key("192.0.2.2"))
    }
}
