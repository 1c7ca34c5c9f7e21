/// Takes messages to where they are read.
public protocol MailTransport: Sendable {
    /// Returns once somebody else answers for the message: a mail server that has accepted it, or the disk.
    ///
    /// Throws when nobody does, which says nothing about whether the message may be tried again.
    func send(_ message: MailMessage) async throws
}
