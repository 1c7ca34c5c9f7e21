import Daemon
import HTTPWire
import Playlist

/// `weir check`: walks a video's stream through the edge as a player does, and says what it found.
struct CheckCommand {
    static let usage = """
        weir check [--ready FILE] VIDEO

          Fetches the playlists, initialisation sections and segments of a video through the edge with signed cookies, twice,
          and fails unless every one answers 200, is what its playlist says, and the second pass is served from the cache.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(words, values: ["--ready"])
        guard let video = options.operands.first, options.operands.count == 1 else {
            throw UsageError("give one video id")
        }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        let cookies = try await Self.cookies(for: video, ready: ready)
        try await ServiceConnection.with(base: try ready["edge"]) { edge in
            let walk = StreamWalk(edge: edge, cookies: cookies)
            let first = try await walk.run("/media/\(video)/index.m3u8")
            let second = try await walk.run("/media/\(video)/index.m3u8")
            guard second.hits == second.objects else {
                throw CommandFailure(
                    "\(second.objects - second.hits) of \(second.objects) objects missed the cache twice")
            }
            Terminal.output(
                "\(video): \(first.renditions) renditions, \(first.segments) segments, \(first.bytes) bytes; "
                    + "second pass \(second.hits) hits of \(second.objects)\n")
        }
    }

    /// What a player gets: from the origin, which knows the key that signs. Private videos need the administrator's password.
    private static func cookies(for video: String, ready: ReadyFile) async throws -> String {
        try await ServiceConnection.with(base: try ready["origin"]) { origin in
            let target = "/api/v1/videos/\(video)/playback"
            let answer = try await origin.post(target, bearer: try? await origin.signIn(ready))
            guard answer.status.code == 200 else {
                throw CommandFailure("\(target) answered \(answer.status.code): is \(video) a video that plays?")
            }
            return answer.headers.values("set-cookie")
                .compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
        }
    }
}

/// One pass over everything a stream names.
struct StreamWalk {
    struct Findings {
        var renditions = 0
        var segments = 0
        var objects = 0
        var hits = 0
        var bytes = 0
    }

    let edge: ServiceConnection
    let cookies: String

    func run(_ path: String) async throws -> Findings {
        var findings = Findings()
        let top = try MultivariantPlaylist(parsing: try await fetch(path, &findings))
        for uri in top.variants.map(\.uri) + top.renditions.compactMap(\.uri) {
            try await walkRendition(Self.resolve(uri, against: path), &findings)
        }
        return findings
    }

    private func walkRendition(_ path: String, _ findings: inout Findings) async throws {
        let playlist = try MediaPlaylist(parsing: try await fetch(path, &findings))
        findings.renditions += 1
        var initialisation: String?
        for segment in playlist.segments {
            if let map = segment.map?.uri, map != initialisation {
                try await expect("ftyp", at: Self.resolve(map, against: path), &findings)
                initialisation = map
            }
            try await expect("styp", at: Self.resolve(segment.uri, against: path), &findings)
            findings.segments += 1
        }
    }

    /// Fetches a media file and checks the type of its first box (ISO/IEC 14496-12 §4.2).
    private func expect(_ box: String, at path: String, _ findings: inout Findings) async throws {
        let content = try await fetch(path, &findings)
        guard content.count > 8, content[4..<8].elementsEqual(box.utf8) else {
            throw CommandFailure("\(path) does not begin with a \(box) box")
        }
    }

    private func fetch(_ path: String, _ findings: inout Findings) async throws -> [UInt8] {
        let answer = try await edge.get(path, headers: [("Cookie", cookies)])
        guard answer.status.code == 200 else { throw CommandFailure("\(path) answered \(answer.status.code)") }
        findings.objects += 1
        findings.bytes += answer.content.count
        if answer.headers.first("X-Cache")?.hasPrefix("Hit") == true { findings.hits += 1 }
        return answer.content
    }

    private static func resolve(_ uri: String, against path: String) -> String {
        uri.hasPrefix("/") ? uri : "\(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])/\(uri)"
    }
}
