internal import Bytes
internal import Crypto
public import HTTPServer
internal import HTTPWire

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
        let icon = names.add(PackageResources.weir_svg, as: "weir.svg", type: "image/svg+xml")
        let stylesheet = names.add(PackageResources.weir_css, as: "weir.css", type: "text/css; charset=utf-8")
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
            return asset.answer(request, cacheControl: "public, max-age=31536000, immutable")
        }
    }
}

/// Gives assets their hashed names and puts these into the documents that refer to them by `{{name}}`.
struct AssetNames {
    private var paths: [String: String] = [:]

    /// - Returns: the path under which the asset is served, with the names of the assets it refers to filled in.
    mutating func add(_ content: [UInt8], as name: String, type: String) -> (path: String, document: WebDocument) {
        let resolved = resolve(content)
        let digest = Hex.encode(Digest.sha256(resolved).prefix(8))
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let path = "/assets/\(name[..<dot])-\(digest)\(name[dot...])"
        paths[name] = path
        return (path, WebDocument(resolved, type: type))
    }

    func resolve(_ content: [UInt8]) -> [UInt8] {
        var text = String(decoding: content, as: UTF8.self)
        for (name, path) in paths {
            text = text.split(separator: "{{\(name)}}", omittingEmptySubsequences: false).joined(separator: path)
        }
        return Array(text.utf8)
    }
}
