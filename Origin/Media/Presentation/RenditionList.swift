internal import Playlist

/// What names a rendition's segments: a media playlist, or, of a storyboard, the list of its pictures.
public struct RenditionList: Sendable, Equatable {
    /// Path below the presentation's folder.
    public let path: String
    /// Media type.
    public let contentType: String
    /// The whole file.
    public let text: String
}

extension Presentation {
    /// A rendition's list as it is to be stored: EVENT while it grows, VOD at the end; nil for posters, which nobody lists.
    public func list(rendition: Int, isFinal: Bool) -> RenditionList? {
        if case .poster = outline.renditions[rendition].content { return nil }
        let folder = outline.renditions[rendition].name
        if let text = storyboard(rendition: rendition) {
            return RenditionList(path: "\(folder)/\(Self.storyboardName)", contentType: "text/vtt", text: text)
        }
        return RenditionList(
            path: "\(folder)/\(Self.playlistName)", contentType: Self.playlistContentType,
            text: mediaPlaylist(rendition: rendition, isFinal: isFinal).text)
    }

    /// Media type of playlists (RFC 8216 §10).
    public static let playlistContentType = "application/vnd.apple.mpegurl"
}
