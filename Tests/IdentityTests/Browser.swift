import Catalog
import EventLoop
import HTTPServer
import HTTPWire
import Testing

@testable import Identity

extension Pool {
    /// A request of a browser that has these cookies.
    func browserRequest(_ cookies: [String: String]) -> Request {
        var headers: Headers = ["Host": "127.0.0.1:9000"]
        let pairs = cookies.map { "\($0.key)=\($0.value)" }.sorted()
        if !pairs.isEmpty { headers.set("Cookie", pairs.joined(separator: "; ")) }
        return Request(method: .get, target: "/", headers: headers, peer: .loopback(port: 1), requestID: "r1")
    }

    /// A request of a browser that is signed in with this session.
    func browserRequest(session text: String) -> Request {
        browserRequest([service.browserCookie.name: text])
    }

    /// Signs in as the pages do and returns the text of the browser session.
    func signInBrowser(_ username: String = Pool.administrator) async throws -> String {
        let step = try await beginInBrowser(username)
        guard case .signedInBrowser(_, let session) = step else {
            Issue.record("\(step)")
            return ""
        }
        return session
    }

    /// Tells the password as the pages do.
    func beginInBrowser(_ username: String = Pool.administrator) async throws -> SignInStep {
        try await service.withPassword(Self.password, of: username) { [service] user, now, transaction in
            try service.advance(
                user, client: Self.clientId, proof: .password, goal: .browser, now: now, transaction)
        }
    }
}
