internal import Crypto
public import Mail

/// Brings codes to people by mail.
public struct MailedCodes: CodeDelivery {
    private let transport: any MailTransport
    private let sender: MailAddress
    private let templates: CodeTemplates
    private let site: String

    /// - Parameter site: the address of the pages, as messages name it.
    public init(transport: any MailTransport, sender: MailAddress, templates: CodeTemplates, site: String) {
        self.transport = transport
        self.sender = sender
        self.templates = templates
        self.site = site
    }

    /// Returns once the transport answers for the message; throws what it throws.
    public func deliver(_ message: CodeMessage) async throws {
        let content = templates.content(of: message, site: site)
        try await transport.send(
            MailMessage(
                from: sender, to: MailRecipient(message.destination), content: content, id: SecureRandom.hex(16),
                sentAt: message.sentAt))
    }
}
