public import JSON

/// One rendition in figures, as catalogs and people are told them.
public struct RenditionFigures: Sendable, Equatable {
    /// The folder's name.
    public let name: String
    /// Pixels per row; 0 for sound.
    public let width: Int
    /// Rows; 0 for sound.
    public let height: Int
    /// Frames per second; 0 for sound.
    public let frameRate: Double
    /// RFC 6381 string.
    public let codecs: String
    /// Peak bits per second.
    public let bandwidth: Int
    /// Bits per second over the whole.
    public let averageBandwidth: Int
    /// Segments that can be played.
    public let segments: Int
    /// Their bytes.
    public let bytes: Int
}

extension Presentation {
    /// A rendition in figures: with declared rates while it grows, measured ones at the end.
    public func figures(rendition: Int, isFinal: Bool) -> RenditionFigures {
        let outline = outline.renditions[rendition]
        let rates = bandwidth(rendition: rendition, isFinal: isFinal)
        var size = (width: 0, height: 0, rate: 0)
        if case .video(let width, let height, let rate) = outline.content { size = (width, height, rate) }
        return RenditionFigures(
            name: outline.name, width: size.width, height: size.height, frameRate: Double(size.rate) / 1000,
            codecs: outline.codec, bandwidth: rates.peak, averageBandwidth: rates.average,
            segments: playable(rendition: rendition).count, bytes: bytes(rendition: rendition))
    }
}

extension RenditionFigures {
    /// The figures as JSON.
    public var json: JSONValue {
        [
            "name": .string(name), "width": .integer(Int64(width)), "height": .integer(Int64(height)),
            "frameRate": .number(frameRate), "codecs": .string(codecs), "bandwidth": .integer(Int64(bandwidth)),
            "averageBandwidth": .integer(Int64(averageBandwidth)), "segments": .integer(Int64(segments)),
            "bytes": .integer(Int64(bytes)),
        ]
    }
}
