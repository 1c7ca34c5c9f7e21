internal import Bytes

/// A mail server that takes messages from us (RFC 6409).
public struct MailServer: Sendable, Equatable {
    /// How the conversation is protected. A certificate that is presented is verified in every case.
    public enum Security: String, Sendable, CaseIterable {
        /// Begins in clear and goes on with TLS before anything of ours is said; a server without it gets nothing (RFC 3207).
        case startTLS = "starttls"
        /// The same where the server offers it, in clear where it does not, which whoever is in between can bring about.
        case startTLSIfOffered = "starttls-if-offered"
        /// TLS from the first byte (RFC 8314 §3.3).
        case tls
        /// In clear.
        case none

        /// Whether nobody in between can read what is said.
        var isPrivate: Bool { self == .startTLS || self == .tls }

        var usualPort: Int {
            switch self {
            case .startTLS, .startTLSIfOffered: 587
            case .tls: 465
            case .none: 25
            }
        }
    }

    /// Who we are to the server.
    public struct Credentials: Sendable, Equatable {
        /// The name.
        public let user: String
        /// The password.
        public let password: String

        /// A name with its password.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// A host name or an address, which the certificate must be for.
    public let host: String
    /// The port.
    public let port: Int
    /// How the conversation is protected.
    public let security: Security
    /// Who we are; nil for a server that takes mail from anybody who reaches it.
    public let credentials: Credentials?
    /// A PEM file of certificates to trust instead of the system's.
    public let authorities: String?
    /// How long a message may take, from the connection to the server's last word.
    public let timeout: Duration

    /// A server; without a port that of the protocol: 465 for `tls`, 25 for `none`, else 587.
    ///
    /// Throws when `host` is neither a host name nor an address, and when whoever is in between could read the password.
    public init(
        host: String, port: Int? = nil, security: Security = .startTLS, credentials: Credentials? = nil,
        authorities: String? = nil, timeout: Duration = .seconds(30)
    ) throws(MailServerRefused) {
        guard Self.isHost(host) else {
            throw MailServerRefused(key: "host", message: "\"\(host)\" is neither a host name nor an address")
        }
        guard credentials == nil || security.isPrivate else {
            throw MailServerRefused(
                key: "user",
                message: "the password could be read on the way with security \"\(security.rawValue)\"; use "
                    + "\"starttls\" or \"tls\", or leave out user and passwordFile")
        }
        self.host = host
        self.port = port ?? security.usualPort
        self.security = security
        self.credentials = credentials
        self.authorities = authorities
        self.timeout = timeout
    }

    /// Where it is, as libcurl and people write it.
    public var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    var url: String { "\(security == .tls ? "smtps" : "smtp")://\(hostAndPort)" }

    /// Whether `text` can stand in a URL as a host and nothing else.
    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || "-.:".utf8.contains($0) }
    }
}

/// Why a mail server cannot be used as it is described.
public struct MailServerRefused: Error, Sendable, Equatable {
    /// What is wrong, as the configuration calls it.
    public let key: String
    /// The value and the way out.
    public let message: String
}
