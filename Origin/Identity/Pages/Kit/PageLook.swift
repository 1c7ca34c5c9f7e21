internal import HTTPServer
internal import HTTPWire
internal import Templates
internal import WebDocuments

/// What every page has: its frame, its stylesheet, and headers under which it runs no script, is in no frame and is not kept.
enum PageLook {
    private static let layout = HTMLTemplate(PackageResources.layout_html)
    private static let paragraph = HTMLTemplate(PackageResources.paragraph_html)
    private static let assets = makeAssets()

    private struct Assets: Sendable {
        let icon: (path: String, document: WebDocument)
        let stylesheet: (path: String, document: WebDocument)
    }

    private static func makeAssets() -> Assets {
        var names = AssetNames()
        return Assets(
            icon: names.add(WebDocument.icon, as: "weir.svg", type: "image/svg+xml"),
            stylesheet: names.add(PackageResources.pages_css, as: "pages.css", type: WebDocument.stylesheet))
    }

    /// Serves what pages refer to, under names that change with the content.
    static func addAssets(to router: inout Router) {
        for asset in [assets.icon, assets.stylesheet] {
            router.add(.get, asset.path) { asset.document.answer($0, cacheControl: WebDocument.immutable) }
        }
    }

    /// A page.
    ///
    /// - Parameters:
    ///   - title: its heading, and with `isError` marked as an error its title.
    ///   - head: what else stands in its head.
    static func page(
        _ title: String, status: HTTPStatus = .ok, isError: Bool = false, head: HTML = "", _ content: HTML
    ) -> Response {
        let html = layout.filled(with: [
            "title": HTML(isError ? "Error: \(title)" : title), "heading": HTML(title), "head": head,
            "icon": HTML(assets.icon.path), "stylesheet": HTML(assets.stylesheet.path), "content": content,
        ])
        var response = Response(status: status, contentType: WebDocument.page, bytes: html.bytes)
        protect(&response)
        return response
    }

    /// A page that says what went wrong and what can be done; also for whoever answers people outside the pages.
    static func error(_ status: HTTPStatus, _ title: String, _ explanation: String) -> Response {
        page(title, status: status, isError: true, text(explanation))
    }

    static func text(_ text: String) -> HTML { paragraph.filled(with: ["text": HTML(text)]) }

    /// Another page, to be asked for with GET: reloading it repeats nothing.
    static func redirect(to address: String) -> Response {
        var response = Response(status: .seeOther)
        response.headers.set("Location", address)
        protect(&response)
        return response
    }

    /// `form-action` holds for all redirects that follow a form, also those of other sites: what follows a form here is always a
    /// page of this site, which then leads on (`forward.html`).
    private static func protect(_ response: inout Response) {
        response.headers.set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
                + "frame-ancestors 'none'")
        response.headers.set("X-Frame-Options", "DENY")
        response.headers.set("X-Content-Type-Options", "nosniff")
        response.headers.set("Referrer-Policy", "same-origin")
        response.headers.set("Cache-Control", "no-store")
    }
}
