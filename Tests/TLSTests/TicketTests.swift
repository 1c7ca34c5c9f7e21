import Crypto
import Synchronization
import TLS
import Testing

/// How long, and where, a session is resumed by its ticket.
struct TicketTests {
    private static let period: Int64 = 3_600

    /// A clock that tests turn.
    private final class ManualClock: Sendable {
        private let seconds = Atomic<Int64>(1_000 * 3_600)
        var now: Int64 { seconds.load(ordering: .relaxed) }
        func advance(_ count: Int64) { seconds.add(count, ordering: .relaxed) }
    }

    private let clock = ManualClock()
    private let certificate: (certificatePEM: String, keyPEM: String)
    private let client: TLSClientContext

    init() throws {
        certificate = try SelfSignedCertificate.make(hosts: ["edge.test"])
        client = try TLSClientContext(trust: .pem(Array(certificate.certificatePEM.utf8)))
    }

    private func keys(secret: [UInt8]? = nil) throws -> TLSTicketKeys {
        try TLSTicketKeys(secret: secret, period: .seconds(Self.period)) { [clock] in clock.now }
    }

    private func server(_ keys: TLSTicketKeys, versions: ClosedRange<TLSVersion> = .tls12 ... .tls13) throws
        -> TLSServerContext
    {
        let source = TLSCertificate(
            chain: .init(Array(certificate.certificatePEM.utf8), named: "cert"),
            key: .init(Array(certificate.keyPEM.utf8), named: "key"))
        return try TLSServerContext(certificates: [source], versions: versions, tickets: keys)
    }

    /// Connects; returns whether the session was resumed, and the ticket for the next one.
    private func connect(
        to server: TLSServerContext, resuming ticket: TLSResumption? = nil
    ) throws -> (isResumed: Bool, ticket: TLSResumption?) {
        let pair = try TLSPair(server: server, client: client, host: "edge.test", resuming: ticket)
        #expect(pair.handshake() == (.complete, .complete))
        #expect(pair.server.writeOnce("x") == .bytes(1))
        #expect(pair.client.readOnce() == .bytes(1))
        #expect(pair.client.isResumed == pair.server.isResumed)
        return (pair.server.isResumed, pair.client.resumption)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a ticket resumes for its period and one more, then not`(version: TLSVersion) throws {
        let server = try server(keys(), versions: version...version)
        let first = try connect(to: server)
        #expect(!first.isResumed)
        #expect(try connect(to: server, resuming: first.ticket).isResumed)
        clock.advance(Self.period)
        #expect(try connect(to: server, resuming: first.ticket).isResumed)
        clock.advance(Self.period)
        #expect(try !connect(to: server, resuming: first.ticket).isResumed)
    }

    @Test func `a ticket outlives the reload that replaces its context, if the keys are kept`() throws {
        let keys = try keys()
        let ticket = try connect(to: server(keys)).ticket
        #expect(try connect(to: server(keys), resuming: ticket).isResumed)
        #expect(try !connect(to: server(self.keys()), resuming: ticket).isResumed)
    }

    @Test func `servers with one secret open each other's tickets, with another secret not`() throws {
        let secret = [UInt8](repeating: 7, count: 32)
        let ticket = try connect(to: server(keys(secret: secret))).ticket
        #expect(try connect(to: server(keys(secret: secret)), resuming: ticket).isResumed)
        #expect(try !connect(to: server(keys(secret: [UInt8](repeating: 8, count: 32))), resuming: ticket).isResumed)
    }

    @Test func `a ticket of a server whose clock is ahead is opened`() throws {
        let secret = [UInt8](repeating: 7, count: 32)
        clock.advance(Self.period)
        let ticket = try connect(to: server(keys(secret: secret))).ticket
        clock.advance(-Self.period)
        #expect(try connect(to: server(keys(secret: secret)), resuming: ticket).isResumed)
    }

    @Test func `after long silence no random key is left from before`() throws {
        let server = try server(keys())
        let ticket = try connect(to: server).ticket
        clock.advance(5 * Self.period)
        #expect(try !connect(to: server, resuming: ticket).isResumed)
    }

    @Test func `a short secret is refused`() {
        let error = #expect(throws: TLSError.self) { try TLSTicketKeys(secret: [1, 2, 3]) }
        #expect(error?.description.contains("the secret has 3 bytes, needed are 32 and more") == true)
    }
}
