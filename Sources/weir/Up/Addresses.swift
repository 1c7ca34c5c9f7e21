import Supervisor

/// Where everything of one run serves: the ports are held as long as this lives.
struct Addresses {
    let edge: PortReservation
    let edgeTLS: PortReservation
    let origin: PortReservation
    let s3: PortReservation
    let admin: PortReservation
    /// The origin's health and metrics; its port is in `DIR/config/origin.json`.
    let originAdmin: PortReservation

    init(_ options: UpOptions) throws {
        edge = try Self.reserve(options.edge, option: "--edge")
        edgeTLS = try Self.reserve(options.edgeTLS, option: "--edge-tls")
        origin = try Self.reserve(options.origin, option: "--origin")
        s3 = try Self.reserve(options.s3, option: "--s3")
        admin = try Self.reserve(options.admin, option: "--admin")
        originAdmin = try PortReservation(host: "127.0.0.1", port: 0)
    }

    private static func reserve(_ address: HostAndPort, option: String) throws -> PortReservation {
        do {
            return try PortReservation(host: address.host, port: address.port)
        } catch {
            throw CommandFailure("\(option): \(error)")
        }
    }
}

extension PortReservation {
    /// `HOST:PORT`, as configuration documents want it.
    var listen: String { "\(host):\(port)" }

    /// The base URL clients on this machine use; a wildcard address is reached through loopback.
    func url(scheme: String = "http") -> String { "\(scheme)://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)" }
}
