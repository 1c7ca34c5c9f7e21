import EventLoop
import Synchronization
import TLS
import Telemetry

/// The TLS listener's certificates as they are now: replaced by reloads, watched for their end.
///
/// The keys of session tickets outlive a reload unless it changes them, so that clients go on resuming.
final class ListenerCertificates: Sendable {
    private struct State {
        var settings: EdgeSettings.HTTPS
        var tickets: TLSTicketKeys
        var context: TLSServerContext
        /// The day of the last warning, for there is one a day.
        var warnedOn: Int64 = .min
    }

    private let state: Mutex<State>
    private let log: EdgeLog

    /// From when on a certificate's end is worth a warning.
    static let warningDays: Int64 = 14
    private static let day: Int64 = 86_400

    init(_ settings: EdgeSettings.HTTPS, registry: MetricsRegistry, log: EdgeLog) throws(TLSError) {
        let tickets = try settings.makeTicketKeys()
        state = Mutex(
            State(settings: settings, tickets: tickets, context: try settings.makeContext(tickets: tickets)))
        self.log = log
        registry.read(EdgeMetricTable.certificateNotAfter) { [self] in
            Double(context.certificates.map(\.expiresAt).min() ?? 0)
        }
    }

    /// What new connections take.
    var context: TLSServerContext { state.withLock { $0.context } }

    /// The context of other settings, from now on in force; `nil` if they are the same. Throws and keeps the old one when a
    /// certificate or key cannot be used.
    func adopt(_ settings: EdgeSettings.HTTPS) throws -> TLSServerContext? {
        try state.withLock { state in
            guard settings != state.settings else { return nil }
            let keepsKeys =
                settings.ticketSecret == state.settings.ticketSecret
                && settings.ticketSeconds == state.settings.ticketSeconds
            let tickets = keepsKeys ? state.tickets : try settings.makeTicketKeys()
            state.context = try settings.makeContext(tickets: tickets)
            state.tickets = tickets
            state.settings = settings
            state.warnedOn = .min
            log.certificatesAdopted(state.context)
            return state.context
        }
    }

    /// New files cannot be used.
    func refused(_ reason: String) {
        log.certificatesRefused(reason)
    }

    /// Says once a day what expires or has expired.
    func warn(now: Int64) {
        let due = state.withLock { state -> [TLSCertificateFacts] in
            guard now / Self.day > state.warnedOn else { return [] }
            state.warnedOn = now / Self.day
            return state.context.certificates
        }
        for facts in due {
            if facts.expiresAt - now < Self.warningDays * Self.day { log.certificateExpires(facts, now: now) }
            if let end = facts.responseExpiresAt, end <= now { log.stapleExpired(facts) }
        }
    }
}

extension EdgeSettings.HTTPS {
    func makeTicketKeys() throws(TLSError) -> TLSTicketKeys {
        try TLSTicketKeys(secret: ticketSecret, period: .seconds(ticketSeconds))
    }

    func makeContext(tickets: TLSTicketKeys) throws(TLSError) -> TLSServerContext {
        try TLSServerContext(certificates: certificates, versions: oldestVersion ... .tls13, tickets: tickets)
    }
}
