extension MultivariantPlaylist {
    /// The playlist as text.
    ///
    /// Quotes, line ends and control characters cannot stand in a quoted string and become apostrophes and spaces.
    public var text: String {
        var text = "#EXTM3U\n#EXT-X-VERSION:\(version)\n"
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        if let contentSteering {
            text += "#EXT-X-CONTENT-STEERING:SERVER-URI=\(quoted(contentSteering.serverURI))"
            if let pathway = contentSteering.pathwayID { text += ",PATHWAY-ID=\(quoted(pathway))" }
            text += "\n"
        }
        for rendition in renditions { text += rendition.text }
        for variant in variants { text += variant.text }
        for variant in iFrameVariants { text += variant.text }
        return text
    }
}

private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x22: result += "'"
        case 0..<0x20, 0x7f...0x9f: result += " "
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

extension MultivariantPlaylist.Rendition {
    fileprivate var text: String {
        var text = "#EXT-X-MEDIA:TYPE=\(kind.rawValue),GROUP-ID=\(quoted(group)),NAME=\(quoted(name))"
        if let language { text += ",LANGUAGE=\(quoted(language))" }
        text += ",DEFAULT=\(isDefault ? "YES" : "NO"),AUTOSELECT=\(isAutoselect || isDefault ? "YES" : "NO")"
        if let associatedLanguage { text += ",ASSOC-LANGUAGE=\(quoted(associatedLanguage))" }
        if isForced { text += ",FORCED=YES" }
        if let inStreamID { text += ",INSTREAM-ID=\(quoted(inStreamID))" }
        if !characteristics.isEmpty { text += ",CHARACTERISTICS=\(quoted(characteristics.joined(separator: ",")))" }
        if let stableID { text += ",STABLE-RENDITION-ID=\(quoted(stableID))" }
        if let channels { text += ",CHANNELS=\(quoted(channels))" }
        if let uri { text += ",URI=\(quoted(uri))" }
        return text + "\n"
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate var text: String {
        var text = "#EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth)"
        if let averageBandwidth { text += ",AVERAGE-BANDWIDTH=\(averageBandwidth)" }
        if !codecs.isEmpty { text += ",CODECS=\(quoted(codecs.joined(separator: ",")))" }
        text += supplementalText(supplementalCodecs)
        if let resolution { text += ",RESOLUTION=\(resolution.width)x\(resolution.height)" }
        if let frameRateThousandths {
            text += ",FRAME-RATE=\(PlaylistNumbers.text(Int64(frameRateThousandths), places: 3))"
        }
        text += qualityText(videoRange, hdcpLevel, scoreThousandths)
        if let videoGroup { text += ",VIDEO=\(quoted(videoGroup))" }
        if let audioGroup { text += ",AUDIO=\(quoted(audioGroup))" }
        if let subtitlesGroup { text += ",SUBTITLES=\(quoted(subtitlesGroup))" }
        if let closedCaptionsGroup {
            text += ",CLOSED-CAPTIONS=\(quoted(closedCaptionsGroup))"
        } else if statesNoClosedCaptions {
            text += ",CLOSED-CAPTIONS=NONE"
        }
        return text + identityText(stableID, pathwayID) + "\n\(uri)\n"
    }
}

extension MultivariantPlaylist.IFrameVariant {
    fileprivate var text: String {
        var text = "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=\(bandwidth)"
        if let averageBandwidth { text += ",AVERAGE-BANDWIDTH=\(averageBandwidth)" }
        if !codecs.isEmpty { text += ",CODECS=\(quoted(codecs.joined(separator: ",")))" }
        text += supplementalText(supplementalCodecs)
        if let resolution { text += ",RESOLUTION=\(resolution.width)x\(resolution.height)" }
        text += qualityText(videoRange, hdcpLevel, scoreThousandths)
        return text + identityText(stableID, pathwayID) + ",URI=\(quoted(uri))\n"
    }
}

private func supplementalText(_ codecs: [String]) -> String {
    codecs.isEmpty ? "" : ",SUPPLEMENTAL-CODECS=\(quoted(codecs.joined(separator: ",")))"
}

private func qualityText(
    _ range: MultivariantPlaylist.VideoRange?, _ protection: String?, _ score: Int?
) -> String {
    var text = ""
    if let range { text += ",VIDEO-RANGE=\(range.rawValue)" }
    if let protection { text += ",HDCP-LEVEL=\(protection)" }
    if let score { text += ",SCORE=\(PlaylistNumbers.text(Int64(score), places: 3))" }
    return text
}

private func identityText(_ stableID: String?, _ pathwayID: String?) -> String {
    var text = ""
    if let stableID { text += ",STABLE-VARIANT-ID=\(quoted(stableID))" }
    if let pathwayID { text += ",PATHWAY-ID=\(quoted(pathwayID))" }
    return text
}
