import Configuration
import Daemon
import Identity
import JSON
import Mail
import TLS
import Telemetry

/// What `mail` of `origin.json` means, with the password and the templates read.
struct MailSettings: Sendable, Equatable {
    /// Where messages go.
    enum Destination: Sendable, Equatable {
        case folder(String)
        case server(MailServer)
    }

    static let parameters: [Parameter] = [
        .optional(
            "kind", .choice(["folder", "smtp"]), default: "folder",
            "Where codes and invitations go: folder keeps each as a file for the operator, smtp hands it to a mail server."
        ),
        .optional("folder", .text, "With kind folder, the directory of the messages, a file NAME.eml each."),
        .optional(
            "from", .text,
            "The sender, ADDRESS or NAME <ADDRESS>; required with kind smtp, else Weir <weir@localhost> unless set."),
        .optional("host", .text, "With kind smtp, the mail server's name, which its certificate must be for."),
        .optional(
            "port", .integer(1...65_535, unit: "port"),
            "With kind smtp, the server's port; 465 with security tls, 25 with none, else 587, unless set."),
        .optional(
            "security", .choice(MailServer.Security.allCases.map(\.rawValue)), default: "starttls",
            "With kind smtp: starttls or nothing is sent; starttls-if-offered, which whoever is in between can prevent; tls from the first byte; none."
        ),
        .optional(
            "user", .text, "With kind smtp, the name to sign in with; needs security starttls or tls, and passwordFile."
        ),
        .optional("passwordFile", .text, "With kind smtp, a file whose content is the user's password."),
        .optional("caFile", .text, "With kind smtp, PEM certificates to trust instead of the system's."),
        .optional(
            "timeoutSeconds", .integer(1...300, unit: "seconds"), default: 30,
            "With kind smtp, how long the server may take for one message."),
        .optional(
            "templates", .text, "Directory with templates that replace the built-in ones (docs/mail.md)."),
    ]

    let destination: Destination
    let sender: MailAddress
    let templates: CodeTemplates

    /// - Throws: `ConfigurationRefused` for the first thing that is wrong.
    init(_ section: Configuration) throws {
        destination = try section.text("kind") == "smtp" ? .server(Self.server(section)) : .folder(Self.folder(section))
        sender = try Self.sender(section)
        templates = try Self.templates(section)
    }

    /// What `--check` and the log say of it.
    var summary: String {
        switch destination {
        case .folder(let path): "mail is kept in \(path), since no mail server is configured"
        case .server(let server): "mail is handed to \(server.hostAndPort)"
        }
    }

    /// Makes the folder, or a mailer.
    func transport(logger: Logger) throws -> any MailTransport {
        switch destination {
        case .folder(let path):
            logger.info(
                "no mail server is configured; codes and invitations are kept as files", ["folder": .string(path)])
            return try MailFolder(path: path)
        case .server(let server):
            logger.info(
                "codes and invitations are handed to a mail server",
                ["server": .string(server.hostAndPort), "security": .string(server.security.rawValue)])
            return try SMTPMailer(server: server)
        }
    }
}

extension MailSettings {
    private static func folder(_ section: Configuration) throws -> String {
        for key in ["host", "port", "user", "passwordFile", "caFile"] where section.isSet(key) {
            throw refusal(key, "belongs to kind \"smtp\" only; set kind, or leave it out")
        }
        guard let path = section.optionalText("folder") else {
            throw refusal("folder", "is required with kind \"folder\": the directory that messages are kept in")
        }
        return path
    }

    private static func server(_ section: Configuration) throws -> MailServer {
        guard let host = section.optionalText("host") else {
            throw refusal("host", "is required with kind \"smtp\": the mail server's name")
        }
        if section.isSet("folder") { throw refusal("folder", "belongs to kind \"folder\" only; leave it out") }
        if let file = section.optionalText("caFile") {
            do {
                _ = try TLSClientContext(trust: .file(file))
            } catch {
                throw refusal("caFile", "\(error)")
            }
        }
        let credentials = try credentials(section)
        do {
            return try MailServer(
                host: host, port: section.optionalInteger("port"),
                security: MailServer.Security(rawValue: section.text("security")) ?? .startTLS,
                credentials: credentials,
                authorities: section.optionalText("caFile"), timeout: .seconds(section.integer("timeoutSeconds")))
        } catch {
            throw refusal(error.key, error.message)
        }
    }

    private static func credentials(_ section: Configuration) throws -> MailServer.Credentials? {
        switch (section.optionalText("user"), section.optionalText("passwordFile")) {
        case (nil, nil): return nil
        case (_, nil): throw refusal("passwordFile", "is required with user")
        case (nil, _): throw refusal("user", "is required with passwordFile")
        case (let user?, let file?):
            do {
                return MailServer.Credentials(user: user, password: try SecretSource.file(file).resolve())
            } catch {
                throw refusal("passwordFile", "\(error)")
            }
        }
    }

    private static func sender(_ section: Configuration) throws -> MailAddress {
        guard let text = section.optionalText("from") else {
            guard section.text("kind") == "folder", let nobody = MailAddress("weir@localhost", name: "Weir") else {
                throw refusal("from", "is required with kind \"smtp\": the sender, such as Videos <videos@example.com>")
            }
            return nobody
        }
        guard let sender = MailAddress(parsing: text) else {
            throw refusal(
                "from", "\"\(text)\" is neither ADDRESS nor NAME <ADDRESS>, such as Videos <videos@example.com>")
        }
        return sender
    }

    private static func templates(_ section: Configuration) throws -> CodeTemplates {
        guard let folder = section.optionalText("templates") else { return try CodeTemplates() }
        do {
            var files: [String: [UInt8]] = [:]
            for name in try File.names(in: folder) where CodeTemplates.isTemplate(name) {
                files[name] = try File.read("\(folder)/\(name)")
            }
            return try CodeTemplates(files: files)
        } catch let error as MailTemplateRefused {
            throw refusal("templates", "\(folder)/\(error)")
        } catch {
            throw refusal("templates", "\(error)")
        }
    }

    private static func refusal(_ key: String, _ message: String) -> ConfigurationRefused {
        ConfigurationRefused([ConfigurationProblem(path: "$.mail.\(key)", message: message)])
    }
}
