internal import CCurl

/// What can be said of an exchange beside what every one has.
public enum CurlOption {
    /// Options that take a text.
    public enum Text: Sendable {
        /// The sender of a message.
        case mailFrom
        /// The name to sign in with.
        case user
        /// The password to sign in with.
        case password

        var code: CURLoption {
            switch self {
            case .mailFrom: CURLOPT_MAIL_FROM
            case .user: CURLOPT_USERNAME
            case .password: CURLOPT_PASSWORD
            }
        }
    }

    /// Options that take a number.
    public enum Number: Sendable {
        /// How many seconds a server may be silent.
        case responseSeconds
        /// How many bytes are sent.
        case uploadBytes
        /// How much TLS there must be in a protocol that begins without; a `TLSLevel`.
        case tlsLevel
        /// The version of HTTP; `http11`, or what server and library settle between them.
        case httpVersion

        var code: CURLoption {
            switch self {
            case .responseSeconds: CURLOPT_SERVER_RESPONSE_TIMEOUT
            case .uploadBytes: CURLOPT_INFILESIZE
            case .tlsLevel: CURLOPT_USE_SSL
            case .httpVersion: CURLOPT_HTTP_VERSION
            }
        }
    }

    /// HTTP/1.1 and nothing else, as libcurl counts it.
    public static let http11 = Int(CURL_HTTP_VERSION_1_1)

    /// Options that take a list of texts.
    public enum List: Sendable {
        /// Who gets a message.
        case mailRecipients
        /// Header lines, `Name: value`.
        case headers

        var code: CURLoption {
            switch self {
            case .mailRecipients: CURLOPT_MAIL_RCPT
            case .headers: CURLOPT_HTTPHEADER
            }
        }
    }

    /// How much TLS there must be in a protocol that begins without.
    public enum TLSLevel: Sendable {
        /// None.
        case none
        /// Where the server offers it.
        case ifOffered
        /// From before the first word of ours.
        case always

        /// As libcurl counts it.
        public var number: Int {
            switch self {
            case .none: Int(CURLUSESSL_NONE.rawValue)
            case .ifOffered: Int(CURLUSESSL_TRY.rawValue)
            case .always: Int(CURLUSESSL_ALL.rawValue)
            }
        }
    }
}
