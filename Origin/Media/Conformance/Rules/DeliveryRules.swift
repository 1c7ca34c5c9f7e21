/// How a server delivers; files and object stores are not asked.
enum DeliveryRules {
    /// Content delivery networks compress nothing shorter: it fits into one packet as it is.
    private static let smallestCompressed = 1_000
    private static let playlistTypes: Set<String> = [
        "application/vnd.apple.mpegurl", "audio/mpegurl", "application/x-mpegurl",
    ]

    static func check(playlist resource: Resource, at place: Finding.Place, _ findings: inout FindingCollector) {
        guard let delivery = resource.delivery else { return }
        if delivery.isCompressible == false {
            let isTiny = resource.content.count < smallestCompressed
            findings.add(
                isTiny ? .tinyCompression : .compression, at: place, measured: "\(resource.content.count) bytes",
                "The playlist is not compressed for clients that send Accept-Encoding: gzip"
                    + (isTiny ? ", which of so few bytes saves nothing." : "."))
        }
        if !delivery.isTLS {
            findings.addRepeated(
                .encryptedTransport, at: Finding.Place(""), stated: "http", "Playlists are delivered without TLS.")
        }
        let type = plain(delivery.contentType)
        if !playlistTypes.contains(type) {
            findings.add(
                .mimeTypes, at: place, stated: type, "A playlist is application/vnd.apple.mpegurl, not \(shown(type)).")
        }
    }

    static func check(
        initialization resource: Resource, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard let delivery = resource.delivery else { return }
        let type = plain(delivery.contentType)
        if !["video/mp4", "audio/mp4", "application/mp4"].contains(type) {
            findings.addRepeated(
                .mimeTypes, aspect: "map", at: place, stated: type,
                "An initialisation section is video/mp4, not \(shown(type)).")
        }
        checkRedirect(delivery, at: place, &findings)
    }

    static func check(
        segment resource: Resource, container: MeasuredPlaylist.Container?, at place: Finding.Place,
        _ findings: inout FindingCollector
    ) {
        guard let delivery = resource.delivery else { return }
        checkRedirect(delivery, at: place, &findings)
        let wanted: [String]
        switch container {
        case nil: return
        case .fragments: wanted = ["video/iso.segment", "video/mp4", "audio/mp4", "application/mp4"]
        case .transport: wanted = ["video/mp2t"]
        case .packedAudio: wanted = ["audio/aac", "audio/mpeg", "audio/ac3", "audio/eac3"]
        case .subtitles: wanted = ["text/vtt", "text/plain"]
        }
        let type = plain(delivery.contentType)
        if !wanted.contains(type) {
            findings.addRepeated(
                .mimeTypes, aspect: "segment", at: place, stated: type,
                "Such a segment is \(wanted[0]), not \(shown(type)).")
        }
    }

    private static func checkRedirect(
        _ delivery: Resource.Delivery, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard delivery.isRedirected else { return }
        findings.addRepeated(.redirects, at: place, "The server redirects requests for media.")
    }

    /// A media type without its parameters.
    private static func plain(_ type: String?) -> String {
        (type ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    private static func shown(_ type: String) -> String { type.isEmpty ? "nothing at all" : type }
}
