internal import Catalog
internal import EventLoop
internal import HTTPServer
internal import JSON

/// How pages use the operations of the API.
extension HostedPages {
    /// Runs what a form wants; what people can mend, they are told on `path`, with the name that they typed.
    func attempt(
        _ visit: PageVisit, on path: String, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let refusal as CognitoError {
            guard let text = PageText(refusal) else { throw refusal }
            return try go(to: path, visit, PageNotice(text, username: visit.keptUsername))
        } catch is BlockingPool.Overloaded {
            return try go(to: path, visit, PageNotice(.busy, username: visit.keptUsername))
        }
    }

    /// The input of an operation about the name that was typed, with the proof of the client that an application has and this
    /// server knows.
    func input(_ visit: PageVisit, _ members: JSONObject) throws -> CognitoInput {
        var object = members
        object["ClientId"] = .string(visit.client.id)
        object["Username"] = .string(visit.username)
        if let hash = try service.secretHash(of: visit.client, over: visit.username) {
            object["SecretHash"] = .string(hash)
        }
        return CognitoInput(object)
    }

    /// Sends a code, or none to a name that nobody has, which is not told even where an application may know.
    func send(_ operation: CognitoOperation, _ visit: PageVisit) async throws {
        do {
            _ = try await service.perform(operation, input(visit, [:]))
        } catch let refusal as CognitoError where refusal == .userNotFound {}
    }
}

extension PageVisit {
    /// The name that was typed, unless it is longer than any.
    var keptUsername: String? { username.isEmpty || username.utf8.count > 512 ? nil : username }
}
