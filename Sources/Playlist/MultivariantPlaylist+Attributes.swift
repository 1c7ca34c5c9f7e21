extension MultivariantPlaylist.Resolution {
    fileprivate init?(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let text = try attributes.bare("RESOLUTION") else { return nil }
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = PlaylistNumbers.integer(parts[0]),
            let height = PlaylistNumbers.integer(parts[1])
        else { throw PlaylistError(line: line, reason: "RESOLUTION must be WIDTHxHEIGHT") }
        self.init(width: width, height: height)
    }
}

extension AttributeList {
    /// A quoted list of names between commas; empty when not given.
    fileprivate func names(_ name: Substring) throws(PlaylistError) -> [String] {
        try quoted(name)?.split(separator: ",").map(String.init) ?? []
    }
}

extension MultivariantPlaylist.Variant {
    init(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let bandwidth = try attributes.integer("BANDWIDTH") else { throw attributes.missing("BANDWIDTH") }
        self.init(uri: "", bandwidth: bandwidth)
        averageBandwidth = try attributes.integer("AVERAGE-BANDWIDTH")
        codecs = try attributes.names("CODECS")
        supplementalCodecs = try attributes.names("SUPPLEMENTAL-CODECS")
        resolution = try .init(attributes, line: line)
        frameRateThousandths = try attributes.fixed("FRAME-RATE", places: 3).map { Int($0) }
        videoRange = try attributes.bare("VIDEO-RANGE").map { .init(rawValue: String($0)) }
        scoreThousandths = try attributes.fixed("SCORE", places: 3).map { Int($0) }
        hdcpLevel = try attributes.bare("HDCP-LEVEL").map(String.init)
        videoGroup = try attributes.quoted("VIDEO")
        audioGroup = try attributes.quoted("AUDIO")
        subtitlesGroup = try attributes.quoted("SUBTITLES")
        if let captions = try? attributes.bare("CLOSED-CAPTIONS") {
            guard captions == "NONE" else {
                throw PlaylistError(line: line, reason: "CLOSED-CAPTIONS must be NONE or a quoted group")
            }
            statesNoClosedCaptions = true
        } else {
            closedCaptionsGroup = try attributes.quoted("CLOSED-CAPTIONS")
        }
        stableID = try attributes.quoted("STABLE-VARIANT-ID")
        pathwayID = try attributes.quoted("PATHWAY-ID")
    }
}

extension MultivariantPlaylist.IFrameVariant {
    init(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let bandwidth = try attributes.integer("BANDWIDTH") else { throw attributes.missing("BANDWIDTH") }
        self.init(uri: try attributes.requiredQuoted("URI"), bandwidth: bandwidth)
        averageBandwidth = try attributes.integer("AVERAGE-BANDWIDTH")
        codecs = try attributes.names("CODECS")
        supplementalCodecs = try attributes.names("SUPPLEMENTAL-CODECS")
        resolution = try .init(attributes, line: line)
        videoRange = try attributes.bare("VIDEO-RANGE").map { .init(rawValue: String($0)) }
        scoreThousandths = try attributes.fixed("SCORE", places: 3).map { Int($0) }
        hdcpLevel = try attributes.bare("HDCP-LEVEL").map(String.init)
        stableID = try attributes.quoted("STABLE-VARIANT-ID")
        pathwayID = try attributes.quoted("PATHWAY-ID")
    }
}

extension MultivariantPlaylist.Rendition {
    init(_ attributes: AttributeList, line: Int) throws(PlaylistError) {
        guard let type = try attributes.bare("TYPE") else { throw attributes.missing("TYPE") }
        guard let kind = Self.Kind(rawValue: String(type)) else {
            throw PlaylistError(line: line, reason: "TYPE must be AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS")
        }
        self.init(
            kind: kind, group: try attributes.requiredQuoted("GROUP-ID"), name: try attributes.requiredQuoted("NAME"))
        language = try attributes.quoted("LANGUAGE")
        associatedLanguage = try attributes.quoted("ASSOC-LANGUAGE")
        uri = try attributes.quoted("URI")
        isDefault = try attributes.yesOrNo("DEFAULT")
        isAutoselect = try attributes.yesOrNo("AUTOSELECT")
        isForced = try attributes.yesOrNo("FORCED")
        inStreamID = try attributes.quoted("INSTREAM-ID")
        characteristics = try attributes.names("CHARACTERISTICS")
        channels = try attributes.quoted("CHANNELS")
        stableID = try attributes.quoted("STABLE-RENDITION-ID")
    }
}
