internal import Catalog
internal import EventLoop
public import HTTPServer
internal import HTTPWire
internal import JSON
public import Telemetry

/// Sign-in, sign-up and the like as pages that need no script, over the same operations as the API.
///
/// A form is answered with another page to ask for, so that reloading repeats nothing; what there is to say travels to it as a
/// `PageNotice`.
struct HostedPages: Sendable {
    /// How a page answers.
    typealias Action = @Sendable (PageVisit) async throws -> Response

    let service: IdentityService
    let clientId: String
    let guardian: FormGuard
    let challengeCookie: PageCookie
    private let noticeCookie: PageCookie
    private let refusals: [FormGuard.Refusal: Counter]

    init(_ service: IdentityService, clientId: String, metrics: MetricsRegistry) {
        self.service = service
        self.clientId = clientId
        let isSecure = service.pagesAreSecure
        guardian = FormGuard(
            sealer: service.sealer, publicURL: service.settings.publicURL, isSecure: isSecure)
        challengeCookie = PageCookie("challenge", isSecure: isSecure)
        noticeCookie = PageCookie("notice", isSecure: isSecure)
        metrics.declare(PageMetricTable.all)
        refusals = Dictionary(
            uniqueKeysWithValues: FormGuard.Refusal.allCases.map {
                ($0, metrics.counter(PageMetricTable.refusals, $0.rawValue))
            })
    }

    /// A page that is looked at, and what its form does.
    func add(_ path: String, get: @escaping Action, post: Action? = nil, to router: inout Router) {
        router.add(.get, path) { request in await answer(request) { try await show(request, get) } }
        guard let post else { return }
        router.add(.post, path) { request in await answer(request) { try await take(request, post) } }
    }

    /// Shows a page; what it was told of the form before is told once, while the name that was typed stays.
    private func show(_ request: Request, _ action: Action) async throws -> Response {
        let (secret, isNew) = guardian.secret(of: request)
        let visit = try await visit(request, secret)
        var response = try await action(visit)
        if isNew { guardian.cookie.set(secret, on: &response) }
        if visit.notice.text != nil, response.status == .ok {
            try say(PageNotice(username: visit.notice.username), visit, on: &response)
        }
        return response
    }

    /// Lets a form of these pages do what it does.
    private func take(_ request: Request, _ action: Action) async throws -> Response {
        let form = try await form(of: request)
        if let refusal = guardian.refusal(of: request, form) {
            refusals[refusal]?.add()
            service.logger.warning("a form was refused", ["reason": .string(refusal.rawValue)])
            throw PageRefusal.foreignForm
        }
        var visit = try await visit(request, guardian.secret(of: request).text)
        visit.form = form
        return try await action(visit)
    }

    private func form(of request: Request) async throws -> Query {
        guard let type = request.headers.first("Content-Type"),
            type.lowercased().hasPrefix("application/x-www-form-urlencoded"),
            let body = try? await request.body.collect(upTo: IdentityService.maximumBodyBytes),
            let text = String(validating: body, as: UTF8.self), let form = Query(text, plusIsSpace: true)
        else { throw PageRefusal.noForm }
        return form
    }

    private func visit(_ request: Request, _ secret: String) async throws -> PageVisit {
        guard let purpose = SignInPurpose(request, defaultClientId: clientId) else { throw PageRefusal.noPurpose }
        let client: IdentityClient
        do {
            client = try await service.store.read { try service.client(named: purpose.clientId, in: $0) }
        } catch is CognitoError {
            throw PageRefusal.noPurpose
        }
        let notice = noticeCookie.value(in: request).flatMap { PageNotice($0, for: secret, service.sealer) }
        return PageVisit(
            request: request, purpose: purpose, client: client, token: guardian.token(for: secret), secret: secret,
            notice: notice ?? PageNotice())
    }

    /// Goes on to a page, with something to say there.
    func go(to path: String, _ visit: PageVisit, _ notice: PageNotice = PageNotice()) throws -> Response {
        var response = PageLook.redirect(to: visit.purpose.address(path))
        try say(notice, visit, on: &response)
        return response
    }

    private func say(_ notice: PageNotice, _ visit: PageVisit, on response: inout Response) throws {
        if notice == PageNotice() { return noticeCookie.clear(on: &response) }
        noticeCookie.set(
            try notice.sealed(for: visit.secret, service.sealer), seconds: PageNotice.seconds, on: &response)
    }

    private func answer(_ request: Request, _ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let refusal as PageRefusal {
            return refusal.page
        } catch {
            service.logger.error(
                "a page failed",
                [
                    "request_id": .string(request.requestID), "path": .string(request.path),
                    "error": .string("\(error)"),
                ])
            return PageLook.error(
                .internalServerError, "That did not work", "Something went wrong here. Try again in a moment.")
        }
    }
}

/// Why a page is not shown at all.
enum PageRefusal: Error {
    case foreignForm
    case noForm
    case noPurpose

    var page: Response {
        switch self {
        case .foreignForm:
            PageLook.error(
                .forbidden, "This form cannot be used",
                "It is too old, or was not sent from this site, or your browser keeps no cookies. Go back, reload the page "
                    + "and send the form again.")
        case .noForm: PageLook.error(.badRequest, "This is not a form", "Go back, reload the page and try again.")
        case .noPurpose:
            PageLook.error(
                .badRequest, "This link does not work",
                "The application that sent you here is not known, or its link is damaged. Go back to it and try again.")
        }
    }
}

extension IdentityService {
    /// Serves the pages at which people sign in; `clientId` signs in whoever no application has sent.
    public func addPages(to router: inout Router, clientId: String, metrics: MetricsRegistry) {
        PageLook.addAssets(to: &router)
        let pages = HostedPages(self, clientId: clientId, metrics: metrics)
        pages.addSignIn(to: &router)
        pages.addSignUp(to: &router)
        pages.addForgottenPassword(to: &router)
    }
}
