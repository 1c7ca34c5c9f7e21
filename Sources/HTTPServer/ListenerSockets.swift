public import EventLoop

/// The listening sockets of one listener, before a server accepts from them.
///
/// Some may come from another process: `HTTPServer.listen` then shares that one's queues of waiting connections. Those bound
/// here take no connection until then, so that a start that fails leaves no client behind. Ends with `HTTPServer.listen` or
/// `close`.
public struct ListenerSockets: Sendable {
    /// The address of the first socket.
    public let address: SocketAddress
    /// Listening already.
    let inherited: [Socket]
    /// Bound only.
    private(set) var bound: [Socket] = []

    /// One socket for each of `count` loops at `address`; port 0 picks a free port.
    ///
    /// Throws when the address is taken or not ours.
    public init(binding address: SocketAddress, count: Int) throws(SystemError) {
        inherited = []
        var actual = address
        do throws(SystemError) {
            for _ in 0..<count {
                let socket = try Socket.bind(to: actual)
                bound.append(socket)
                actual = socket.localAddress ?? actual
            }
        } catch {
            for socket in bound { socket.close() }
            throw error
        }
        self.address = actual
    }

    /// Listening sockets that another process has opened and that are ours from now on, of one address or several, completed
    /// to `count` of each address: by sockets beside them where the port is shared, else by descriptors of the same socket.
    ///
    /// Throws when one of them does not listen; nil without sockets.
    public init?(inheriting sockets: [Socket], count: Int) throws(SystemError) {
        guard let first = sockets.first?.localAddress else { return nil }
        address = first
        var all = sockets
        let perAddress = Dictionary(grouping: sockets) { $0.localAddress }
        do throws(SystemError) {
            for case (let address?, let group) in perAddress {
                for missing in 0..<max(0, count - group.count) {
                    let model = group[missing % group.count]
                    if model.sharesPort {
                        bound.append(try Socket.bind(to: address))
                    } else {
                        all.append(try model.duplicated())
                    }
                }
            }
        } catch {
            for socket in all + bound { socket.close() }
            throw error
        }
        inherited = all
    }

    /// Gives them up. Connections that wait in an inherited one stay with the process that it came from.
    public func close() {
        for socket in inherited + bound { socket.close() }
    }
}
