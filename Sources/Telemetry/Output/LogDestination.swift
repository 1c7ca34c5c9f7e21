/// Where lines go.
public enum LogDestination: Sendable, Hashable {
    /// A descriptor that stays the caller's.
    case descriptor(Int32)
    /// A file, made when missing and added to at its end.
    case file(String)
    /// The system's log, in RFC 5424's form.
    case syslog(SyslogAddress, facility: SyslogFacility)

    /// Standard output.
    public static let standardOutput = LogDestination.descriptor(1)
    /// Standard error.
    public static let standardError = LogDestination.descriptor(2)
}

/// Where a syslog daemon listens.
public enum SyslogAddress: Sendable, Hashable {
    /// The path of a datagram socket, such as `/dev/log`.
    case path(String)
    /// A numeric address and a UDP port.
    case udp(ip: String, port: UInt16)

    /// Reads a path, or `192.0.2.1:514`, or `[2001:db8::1]:514`.
    public init?(_ text: String) {
        if text.hasPrefix("/") {
            guard text.utf8.count < 108 else { return nil }
            self = .path(text)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var ip = text[..<colon]
        if ip.hasPrefix("["), ip.hasSuffix("]") {
            ip = ip.dropFirst().dropLast()
            guard ip.contains(":") else { return nil }
        } else if ip.contains(":") {
            return nil
        }
        guard SyslogSocket.isNumeric(String(ip)) else { return nil }
        self = .udp(ip: String(ip), port: port)
    }
}

/// Which kind of program speaks (RFC 5424 §6.2.1).
public enum SyslogFacility: Int, Sendable, CaseIterable {
    /// A system daemon.
    case daemon = 3
    /// For local use; so are the others.
    case local0 = 16
    /// See `local0`.
    case local1
    /// See `local0`.
    case local2
    /// See `local0`.
    case local3
    /// See `local0`.
    case local4
    /// See `local0`.
    case local5
    /// See `local0`.
    case local6
    /// See `local0`.
    case local7

    /// `daemon`, `local0` and so on.
    public var name: String { self == .daemon ? "daemon" : "local\(rawValue - Self.local0.rawValue)" }
}
