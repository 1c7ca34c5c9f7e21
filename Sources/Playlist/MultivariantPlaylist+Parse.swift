extension MultivariantPlaylist {
    /// Reads a multivariant playlist strictly; tags this model does not carry are skipped (RFC 8216 §6.3.1), tags of a
    /// media playlist are refused.
    public init(parsing bytes: some Collection<UInt8>) throws(PlaylistError) {
        let reading = Self.reading(bytes)
        if let problem = reading.first { throw problem }
        self = reading.playlist
    }

    /// Reads what can be read, and says what cannot.
    public static func reading(_ bytes: some Collection<UInt8>) -> PlaylistReading<MultivariantPlaylist> {
        let lines = PlaylistLines(bytes)
        var parser = MultivariantPlaylistParser()
        lines.problems.forEach { parser.note($0) }
        for line in lines.lines {
            do {
                switch PlaylistLines.content(of: line) {
                case .uri(let uri): try parser.uri(uri, line: line.number)
                case .tag(let name, let value): try parser.tag(name, value, line: line.number)
                }
            } catch {
                parser.note(error)
            }
        }
        return parser.finish()
    }
}

private struct MultivariantPlaylistParser {
    /// What the next address is to be.
    private enum Address {
        case unannounced
        case variant(MultivariantPlaylist.Variant, line: Int)
        /// That of a variant that could not be read.
        case ofUnreadable
    }

    private var reading = PlaylistReading(MultivariantPlaylist(version: 1, hasIndependentSegments: false))
    private var address = Address.unannounced
    private var hasVersion = false

    mutating func note(_ problem: PlaylistError) { reading.note(problem) }

    mutating func uri(_ uri: Substring, line: Int) throws(PlaylistError) {
        defer { address = .unannounced }
        switch address {
        case .unannounced:
            throw PlaylistError(line: line, reason: "an address needs an EXT-X-STREAM-INF before it")
        case .ofUnreadable:
            break
        case .variant(var variant, let tag):
            variant.uri = String(uri)
            reading.playlist.variants.append(variant)
            reading.lines.variants.append(tag)
        }
    }

    mutating func tag(_ name: Substring, _ value: Substring?, line: Int) throws(PlaylistError) {
        if case .variant = address {
            note(PlaylistError(line: line, reason: "EXT-X-STREAM-INF must be followed by its address"))
        }
        switch name {
        case "EXT-X-STREAM-INF":
            address = .ofUnreadable
            address = .variant(try .init(attributes(value, line: line), line: line), line: line)
        case "EXT-X-I-FRAME-STREAM-INF":
            reading.playlist.iFrameVariants.append(try .init(attributes(value, line: line), line: line))
            reading.lines.iFrameVariants.append(line)
        case "EXT-X-MEDIA":
            reading.playlist.renditions.append(try .init(attributes(value, line: line), line: line))
            reading.lines.renditions.append(line)
        case "EXT-X-CONTENT-STEERING":
            let attributes = try attributes(value, line: line)
            reading.playlist.contentSteering = .init(
                serverURI: try attributes.requiredQuoted("SERVER-URI"), pathwayID: try attributes.quoted("PATHWAY-ID"))
        case "EXT-X-INDEPENDENT-SEGMENTS":
            reading.playlist.hasIndependentSegments = true
        case "EXT-X-VERSION":
            guard !hasVersion, let version = value.flatMap({ PlaylistNumbers.integer($0) }) else {
                throw PlaylistError(line: line, reason: "EXT-X-VERSION must be one decimal integer, given once")
            }
            hasVersion = true
            reading.playlist.version = version
        case "EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST",
            "EXT-X-BYTERANGE", "EXT-X-MAP", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-I-FRAMES-ONLY":
            throw PlaylistError(line: line, reason: "\(name) belongs in a media playlist")
        default:
            break
        }
    }

    /// The attributes of one tag; what is wrong with them and yet readable is noted.
    private mutating func attributes(_ value: Substring?, line: Int) throws(PlaylistError) -> AttributeList {
        let list = try AttributeList(value ?? "", line: line)
        if let blemish = list.blemish { note(blemish) }
        return list
    }

    consuming func finish() -> PlaylistReading<MultivariantPlaylist> {
        if case .variant = address {
            note(PlaylistError(line: 0, reason: "the last EXT-X-STREAM-INF has no address"))
        }
        if reading.playlist.variants.isEmpty {
            note(PlaylistError(line: 0, reason: "there is no EXT-X-STREAM-INF"))
        }
        for (kind, name, group) in [
            (MultivariantPlaylist.Rendition.Kind.audio, "audio", \MultivariantPlaylist.Variant.audioGroup),
            (.subtitles, "subtitles", \.subtitlesGroup), (.video, "video", \.videoGroup),
            (.closedCaptions, "closed captions", \.closedCaptionsGroup),
        ] {
            let groups = Set(reading.playlist.renditions.filter { $0.kind == kind }.map(\.group))
            let wanted = Set(reading.playlist.variants.compactMap { $0[keyPath: group] })
            for missing in wanted.subtracting(groups).sorted() {
                note(PlaylistError(line: 0, reason: "no EXT-X-MEDIA has the \(name) group \(missing)"))
            }
        }
        return reading
    }
}
