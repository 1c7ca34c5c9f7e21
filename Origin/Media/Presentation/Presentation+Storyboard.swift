extension Presentation {
    /// Name of the list of pictures in a storyboard's folder.
    public static let storyboardName = "index.vtt"

    /// Where each small picture of a storyboard is and when it is shown, as players read it for their seek bars: WebVTT whose cues
    /// name a part of a sheet (`#xywh=`, W3C Media Fragments §4.2.2). Nil when `rendition` is no storyboard.
    public func storyboard(rendition: Int) -> String? {
        guard case .storyboard(let width, let height, let tiles) = outline.renditions[rendition].content else {
            return nil
        }
        var text = "WEBVTT\n"
        var start: Int64 = 0
        let full = Int64(outline.targetDurationSeconds) * 1_000_000
        for segment in playable(rendition: rendition) {
            let sheet = outline.renditions[rendition].fileName(segment.number)
            let end = segment.durationMicroseconds
            for tile in 0..<Int64(tiles) {
                let from = max(full, end) * tile / Int64(tiles)
                let to = min(end, max(full, end) * (tile + 1) / Int64(tiles))
                guard from < end else { break }
                text += "\n\(Self.timestamp(start + from)) --> \(Self.timestamp(start + to))\n"
                text += "\(sheet)#xywh=\(Int(tile) * width),0,\(width),\(height)\n"
            }
            start += end
        }
        return text
    }

    private static func timestamp(_ microseconds: Int64) -> String {
        let milliseconds = microseconds / 1000
        let padded = { (value: Int64, digits: Int) in
            String(repeating: "0", count: max(0, digits - String(value).utf8.count)) + String(value)
        }
        let seconds = milliseconds / 1000
        return padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "."
            + padded(milliseconds % 1000, 3)
    }
}
