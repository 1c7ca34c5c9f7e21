import Bytes
import CacheRules
import HTTPServer
import HTTPWire

/// What a route serves in place of an error. A class, so that a hit, which has none, passes a pointer on.
final class PageRole: Sendable {
    /// What went wrong; clients get it when the page itself fails.
    let errorCode: Int
    /// What clients are told with the page.
    let responseCode: Int
    /// The page's cache key.
    let key: [UInt8]

    init(_ page: ErrorPage, key: [UInt8]) {
        errorCode = page.errorCode
        responseCode = page.responseCode
        self.key = key
    }

    /// Writes the page's own fields, but for what is true of the page's URL only and what `policy` replaces: the page is
    /// stored as its own behavior has it.
    func writeFields(_ block: UnsafeRawBufferPointer, policy: ResponseHeadersPolicy?, to writer: inout HeadWriter) {
        FieldBlock.write(block, to: &writer) { name in
            if ASCII.equalsIgnoringCase(name, "etag") || ASCII.equalsIgnoringCase(name, "last-modified") { return true }
            if policy?.replaces(ASCII.lowercased(String(decoding: name, as: UTF8.self))) == true { return true }
            guard isError else { return false }
            return ASCII.equalsIgnoringCase(name, "cache-control") || ASCII.equalsIgnoringCase(name, "expires")
        }
        if isError { writer.field("Cache-Control", "no-store") }
    }

    var isError: Bool { responseCode >= 400 }
}

/// Pages in place of errors (`CustomErrorResponses`). A page is an object like any other, found through the behavior of its
/// path; a route in the role of a page has no pages of its own, so an error in it ends there.
extension EdgeHandler {
    /// Answers with the page that stands for an error. False, and nothing done, if there is none.
    func servePageOnLoop(_ exchange: Exchange, _ route: Route, insteadOf status: Int) -> Bool {
        guard route.hasPage(for: status, exchange), let page = route.pages[status], let role = page.page else {
            return false
        }
        key.removeAll()
        key.append(role.key)
        if page.behavior.cachePolicy == nil {
            passThroughOnLoop(exchange, route: page, target: role.key, reason: .bypass)
        } else {
            lookUpOnLoop(exchange, route: page)
        }
        return true
    }

    /// Answers with the error that a page should have stood for.
    func failPageOnLoop(_ exchange: Exchange, _ route: Route, _ role: PageRole) {
        exchange.answerOnLoop(
            HTTPStatus(code: role.errorCode), "Error \(role.errorCode).", policy: route.responseHeaders)
    }
}

extension Route {
    /// Whether a page stands for that status, and the request is one that pages are for.
    func hasPage(for status: Int, _ exchange: Exchange) -> Bool {
        status >= 400 && pages[status] != nil && exchange.head.framing == .none
            && (exchange.head.method == .get || exchange.isHead)
    }
}
