extension MultivariantPlaylist {
    /// Reads a multivariant playlist strictly; tags this model does not carry are skipped (RFC 8216 §6.3.1), tags of a
    /// media playlist are refused.
    public init(parsing bytes: some Collection<UInt8>) throws(PlaylistError) {
        self.init(version: 1, hasIndependentSegments: false)
        var pending: Variant?
        var hasVersion = false
        for line in try PlaylistLines(bytes).lines {
            let number = line.number
            switch PlaylistLines.content(of: line) {
            case .uri(let uri):
                guard var variant = pending else {
                    throw PlaylistError(line: number, reason: "an address needs an EXT-X-STREAM-INF before it")
                }
                variant.uri = String(uri)
                variants.append(variant)
                pending = nil
            case .tag(let name, let value):
                if pending != nil {
                    throw PlaylistError(line: number, reason: "EXT-X-STREAM-INF must be followed by its address")
                }
                switch name {
                case "EXT-X-STREAM-INF":
                    pending = try Variant(AttributeList(value ?? "", line: number), line: number)
                case "EXT-X-MEDIA":
                    renditions.append(try Rendition(AttributeList(value ?? "", line: number), line: number))
                case "EXT-X-INDEPENDENT-SEGMENTS":
                    hasIndependentSegments = true
                case "EXT-X-VERSION":
                    guard !hasVersion, let version = value.flatMap({ PlaylistNumbers.integer($0) }) else {
                        throw PlaylistError(
                            line: number, reason: "EXT-X-VERSION must be one decimal integer, given once")
                    }
                    hasVersion = true
                    self.version = version
                case "EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST",
                    "EXT-X-BYTERANGE", "EXT-X-MAP", "EXT-X-DISCONTINUITY":
                    throw PlaylistError(line: number, reason: "\(name) belongs in a media playlist")
                default:
                    break
                }
            }
        }
        if pending != nil { throw PlaylistError(line: 0, reason: "the last EXT-X-STREAM-INF has no address") }
        try requireGroups()
    }

    private func requireGroups() throws(PlaylistError) {
        guard !variants.isEmpty else { throw PlaylistError(line: 0, reason: "there is no EXT-X-STREAM-INF") }
        let groups = Set(renditions.filter { $0.kind == .audio }.map(\.group))
        if let group = variants.compactMap(\.audioGroup).first(where: { !groups.contains($0) }) {
            throw PlaylistError(line: 0, reason: "no EXT-X-MEDIA has the audio group \(group)")
        }
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate init(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let bandwidth = try attributes.integer("BANDWIDTH") else { throw attributes.missing("BANDWIDTH") }
        self.init(uri: "", bandwidth: bandwidth)
        averageBandwidth = try attributes.integer("AVERAGE-BANDWIDTH")
        codecs = try attributes.quoted("CODECS")?.split(separator: ",").map(String.init) ?? []
        if let text = try attributes.bare("RESOLUTION") {
            let parts = text.split(separator: "x", omittingEmptySubsequences: false)
            guard parts.count == 2, let width = PlaylistNumbers.integer(parts[0]),
                let height = PlaylistNumbers.integer(parts[1])
            else { throw PlaylistError(line: line, reason: "RESOLUTION must be WIDTHxHEIGHT") }
            resolution = .init(width: width, height: height)
        }
        frameRateThousandths = try attributes.fixed("FRAME-RATE", places: 3).map { Int($0) }
        audioGroup = try attributes.quoted("AUDIO")
        // A quoted value names a caption group, which this model does not carry; only the bare NONE is a statement.
        statesNoClosedCaptions = (try? attributes.bare("CLOSED-CAPTIONS")) == "NONE"
    }
}

extension MultivariantPlaylist.Rendition {
    fileprivate init(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let type = try attributes.bare("TYPE") else { throw attributes.missing("TYPE") }
        guard let kind = Self.Kind(rawValue: String(type)) else {
            throw PlaylistError(line: line, reason: "TYPE must be AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS")
        }
        self.init(
            kind: kind, group: try attributes.requiredQuoted("GROUP-ID"), name: try attributes.requiredQuoted("NAME"))
        language = try attributes.quoted("LANGUAGE")
        uri = try attributes.quoted("URI")
        isDefault = try attributes.yesOrNo("DEFAULT")
        isAutoselect = try attributes.yesOrNo("AUTOSELECT")
        channels = try attributes.quoted("CHANNELS")
    }
}
