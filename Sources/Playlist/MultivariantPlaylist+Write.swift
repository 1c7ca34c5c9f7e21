extension MultivariantPlaylist {
    /// The playlist as text.
    ///
    /// Quotes, line ends and control characters cannot stand in a quoted string and become apostrophes and spaces.
    public var text: String {
        var text = "#EXTM3U\n#EXT-X-VERSION:\(version)\n"
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        for rendition in renditions { text += rendition.text }
        for variant in variants { text += variant.text }
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
        if let resolution { text += ",RESOLUTION=\(resolution.width)x\(resolution.height)" }
        if let frameRateThousandths {
            text += ",FRAME-RATE=\(PlaylistNumbers.text(Int64(frameRateThousandths), places: 3))"
        }
        if let audioGroup { text += ",AUDIO=\(quoted(audioGroup))" }
        if statesNoClosedCaptions { text += ",CLOSED-CAPTIONS=NONE" }
        return text + "\n\(uri)\n"
    }
}
