import EventLoop
import HTTPServer

/// The public and admin listeners by the names that sockets are passed under.
enum ListenerName: String, CaseIterable, Sendable {
    case http, https, admin

    /// Of sockets that an edge bound by its configuration, and its successor uses only if its own says the same.
    var bound: String { "bound-\(rawValue)" }
}

/// Where the listeners of one configuration stand: sockets taken over or bound, with none of which anything happens yet.
struct ListenerPlan {
    /// One listener's sockets and where they come from.
    struct Entry {
        let name: ListenerName
        let sockets: ListenerSockets
        /// Opened by whoever started the first edge, whatever the configuration says.
        let isGiven: Bool
        let isInherited: Bool
    }

    private(set) var entries: [Entry] = []

    /// - Parameter inherited: descriptors by name, ours from now on: `http`, `https` and `admin` stand for the address in the
    ///   configuration; those named `bound-…` are used where they stand at that address.
    /// - Throws: `InheritedSocketRefused`, `AddressRefused`, `SystemError`.
    init(_ settings: EdgeSettings, loops: Int, inherited: [String: [Int32]]) throws {
        do {
            try InheritedSocketRefused.check(inherited, settings)
            for name in ListenerName.allCases {
                guard let text = settings.address(of: name) else {
                    try Self.open(inherited[name.bound]).forEach { $0.close() }
                    continue
                }
                entries.append(
                    try Self.entry(name, at: text, loops: name == .admin ? 1 : loops, inherited: inherited))
            }
        } catch {
            close()
            throw error
        }
    }

    private static func entry(
        _ name: ListenerName, at text: String, loops: Int, inherited: [String: [Int32]]
    ) throws -> Entry {
        let given = try open(inherited[name.rawValue])
        let bound = try open(inherited[name.bound])
        if let sockets = try ListenerSockets(inheriting: given, count: loops) {
            bound.forEach { $0.close() }
            return Entry(name: name, sockets: sockets, isGiven: true, isInherited: true)
        }
        let address = try SocketAddress(listening: text)
        let fitting = bound.filter { $0.localAddress.map { address.covers($0) } ?? false }
        for socket in bound where !fitting.contains(socket) { socket.close() }
        if let sockets = try ListenerSockets(inheriting: fitting, count: loops) {
            return Entry(name: name, sockets: sockets, isGiven: false, isInherited: true)
        }
        let sockets = try ListenerSockets(binding: address, count: loops)
        return Entry(name: name, sockets: sockets, isGiven: false, isInherited: false)
    }

    private static func open(_ descriptors: [Int32]?) throws(SystemError) -> [Socket] {
        var sockets: [Socket] = []
        for descriptor in descriptors ?? [] { sockets.append(try Socket.inherited(descriptor: descriptor)) }
        return sockets
    }

    subscript(name: ListenerName) -> Entry? { entries.first { $0.name == name } }

    /// Gives all of them up.
    func close() {
        for entry in entries { entry.sockets.close() }
    }
}

/// A listening socket was handed to this process that no listener of its configuration is for.
public struct InheritedSocketRefused: Error, CustomStringConvertible {
    let name: String

    /// One line for a terminal.
    public var description: String {
        "was given a listening socket named \"\(name)\", which is no configured listener: name them http, https and admin "
            + "(FileDescriptorName= in a systemd socket unit)"
    }

    static func check(_ inherited: [String: [Int32]], _ settings: EdgeSettings) throws(InheritedSocketRefused) {
        for name in inherited.keys.sorted() where !ListenerName.allCases.contains(where: { $0.bound == name }) {
            let listener = ListenerName(rawValue: name)
            if listener.flatMap({ settings.address(of: $0) }) == nil { throw InheritedSocketRefused(name: name) }
        }
    }
}

extension EdgeSettings {
    /// Where the configuration puts a listener, if it has it.
    func address(of listener: ListenerName) -> String? {
        switch listener {
        case .http: httpListen
        case .https: https?.listen
        case .admin: adminListen
        }
    }
}

extension SocketAddress {
    init(listening text: String) throws(AddressRefused) {
        guard let address = SocketAddress(text) else { throw AddressRefused(text: text) }
        self = address
    }

    /// Whether a socket at `other` is one that was asked for at this address, port 0 meaning any.
    func covers(_ other: SocketAddress) -> Bool {
        var wanted = self
        if wanted.port == 0 { wanted.port = other.port }
        return wanted == other
    }
}

/// A listener's address that is no `HOST:PORT`.
public struct AddressRefused: Error, CustomStringConvertible {
    let text: String

    /// One line for a terminal.
    public var description: String {
        "cannot listen on \"\(text)\": expected ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080"
    }
}
