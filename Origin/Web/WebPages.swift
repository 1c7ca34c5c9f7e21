public import HTTPServer
internal import HTTPWire
internal import WebDocuments

/// The pages people use, from the program itself: nothing on disk to lose or to fall out of step with the binary.
///
/// Assets carry a digest of their content in their name and may be kept for a year; pages are revalidated each time.
public struct WebPages: Sendable {
    private let assets: [String: WebDocument]
    private let home: WebDocument
    private let watch: WebDocument
    private let configuration: WebDocument

    /// Pages for one user pool client.
    public init(clientId: String) {
        var names = AssetNames()
        let icon = names.add(WebDocument.icon, as: "weir.svg", type: "image/svg+xml")
        let stylesheet = names.add(PackageResources.weir_css, as: "weir.css", type: WebDocument.stylesheet)
        let session = names.add(PackageResources.session_js, as: "session.js", type: WebDocument.script)
        let homeScript = names.add(PackageResources.home_js, as: "home.js", type: WebDocument.script)
        let watchScript = names.add(PackageResources.watch_js, as: "watch.js", type: WebDocument.script)
        assets = Dictionary(
            uniqueKeysWithValues: [icon, stylesheet, session, homeScript, watchScript].map { ($0.path, $0.document) })
        home = WebDocument(names.resolve(PackageResources.home_html), type: WebDocument.page)
        watch = WebDocument(names.resolve(PackageResources.watch_html), type: WebDocument.page)
        configuration = WebDocument(Array(#"{"clientId":"\#(clientId)"}"#.utf8), type: "application/json")
    }

    /// Adds `GET /`, `/watch/{videoId}`, `/configuration.json` and `/assets/{name}`.
    public func addRoutes(to router: inout Router) {
        router.add(.get, "/") { [home] in home.answer($0, cacheControl: WebDocument.revalidated) }
        router.add(.get, "/watch/{videoId}") { [watch] in watch.answer($0, cacheControl: WebDocument.revalidated) }
        router.add(.get, "/configuration.json") { [configuration] in
            configuration.answer($0, cacheControl: WebDocument.revalidated)
        }
        router.add(.get, "/assets/{name}") { [assets] request in
            guard let asset = assets[request.path] else { return Response(status: .notFound) }
            return asset.answer(request, cacheControl: WebDocument.immutable)
        }
    }
}
