import CEpoll
@preconcurrency import Glibc

// The least a server can do with sockets: `recv`, `send`, `epoll_wait`. It looks at no byte of a request beyond the
// blank line that ends it, and its responses lie ready in memory. What a real server needs on top is its own cost.
//
// usage: Floor PORT DIRECTORY: `GET /NAME` is answered with the response that stands, head and all, in DIRECTORY/NAME.

signal(SIGPIPE, SIG_IGN)
guard CommandLine.arguments.count == 3, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: Floor PORT DIRECTORY\n", stderr)
    exit(2)
}
do {
    let responses = try Responses(directory: CommandLine.arguments[2])
    var server = try Server(port: port, responses: responses)
    server.run()
} catch {
    fputs("Floor: \(error)\n", stderr)
    exit(1)
}
