internal import Playlist

extension Presentation {
    /// Name of the key in the presentation's folder. Nothing is stored under it: whoever serves the folder answers with the key.
    public static let keyName = "content.key"

    /// EXT-X-KEY of a segment, or of its fragment `part`, counted from 1; none for what is in the clear.
    func keys(of segment: StoredSegment, part: Int = 0) -> [MediaPlaylist.Key] {
        guard isEncrypted, outline.renditions[segment.rendition].isEncryptable else { return [] }
        return [
            .init(
                method: .aes128, uri: "../\(Self.keyName)",
                initializationVector: part == 0 ? nil : Self.text(ContentKey.vector(number: segment.number, part: part))
            )
        ]
    }

    private static func text(_ vector: [UInt8]) -> String {
        "0x" + vector.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension RenditionOutline {
    /// Whether its segments are encrypted where a presentation is: those that a media playlist names. The pictures of storyboards
    /// and posters are shown by browsers, which cannot decrypt them.
    public var isEncryptable: Bool {
        switch content {
        case .video, .audio, .subtitles, .trickPlay: true
        case .storyboard, .poster: false
        }
    }
}
