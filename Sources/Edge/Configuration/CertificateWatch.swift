import EventLoop

/// Looks at certificates from time to time: whether they end soon, and whether their files have changed.
enum CertificateWatch {
    /// How often the end of certificates is looked at when their files are not.
    private static let usualSeconds = 3_600

    /// Warns now, then `look`s every so many seconds (0: only warns) until cancelled. A refusal is logged once, not at every
    /// look.
    static func start(
        _ certificates: ListenerCertificates, loop: EventLoop, every seconds: Int,
        look: @escaping @Sendable () async throws -> Void
    ) -> Task<Void, Never> {
        Task.detached {
            certificates.warn(now: WallClock.epochSeconds())
            var refusal: String?
            while (try? await loop.sleep(for: .seconds(seconds > 0 ? seconds : usualSeconds))) != nil {
                do {
                    if seconds > 0 { try await look() }
                    refusal = nil
                } catch {
                    let reason = "\(error)"
                    if reason != refusal { certificates.refused(reason) }
                    refusal = reason
                }
                certificates.warn(now: WallClock.epochSeconds())
            }
        }
    }
}
