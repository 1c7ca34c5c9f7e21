import EventLoop
import HTTPServer
import HTTPWire
import Testing

@Suite struct RouterTests {
    private var router: Router {
        var router = Router()
        router.add(.get, "/") { _ in .text(.ok, "root") }
        router.add(.get, "/videos") { _ in .text(.ok, "list") }
        router.add(.get, "/videos/{id}") { .text(.ok, "video \($0[parameter: "id"])") }
        router.add(.delete, "/videos/{id}") { .text(.ok, "deleted \($0[parameter: "id"])") }
        router.add(.get, "/videos/latest") { _ in .text(.ok, "latest") }
        router.add(.get, "/videos/{id}/parts/{part}") {
            .text(.ok, "\($0[parameter: "id"])/\($0[parameter: "part"])")
        }
        router.add(.get, "/files/{path...}") { .text(.ok, "file \($0[parameter: "path"])") }
        return router
    }

    private func answer(_ method: HTTPMethod, _ target: String) async -> (Int, String, Response) {
        let response = await router.respond(to: Request(method: method, target: target, peer: .loopback(port: 1)))
        guard case .bytes(let bytes) = response.body else { return (response.status.code, "", response) }
        return (response.status.code, String(decoding: bytes, as: UTF8.self), response)
    }

    @Test(arguments: [
        ("/", "root"), ("/videos", "list"), ("/videos/latest", "latest"), ("/videos/7", "video 7"),
        ("/videos/7/parts/2?x=y", "7/2"), ("/files/a/b/c", "file a/b/c"), ("/videos/a%20b", "video a b"),
        ("/videos/latest/parts/1", "latest/1"),
    ])
    func `a target finds its route`(target: String, body: String) async {
        let (status, text, _) = await answer(.get, target)
        #expect(status == 200)
        #expect(text == body)
    }

    @Test func `HEAD falls back to GET`() async {
        #expect(await answer(.head, "/videos").0 == 200)
    }

    @Test func `a known path under another method says which are allowed`() async {
        let (status, _, response) = await answer(.put, "/videos/7")
        #expect(status == 405)
        #expect(response.headers.first("Allow") == "DELETE, GET")
    }

    @Test func `a literal is not taken for a parameter because of its method`() async {
        let (status, _, response) = await answer(.delete, "/videos/latest")
        #expect(status == 405)
        #expect(response.headers.first("Allow") == "GET")
    }

    @Test(arguments: ["/nothing", "/videos/", "/videos/7/", "/Videos"])
    func `an unknown path is not found`(target: String) async {
        #expect(await answer(.get, target).0 == 404)
    }

    @Test(arguments: ["/videos/%zz", "/videos/%ff", "/videos/a%00b"])
    func `a path that does not decode is refused`(target: String) async {
        #expect(await answer(.get, target).0 == 400)
    }
}
