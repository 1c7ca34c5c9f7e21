internal import WebVTT

extension Presentation {
    /// Name of the list of pictures in a storyboard's folder.
    public static let storyboardName = "index.vtt"

    /// Where each small picture of a storyboard is and when it is shown, as players read it for their seek bars: WebVTT whose cues
    /// name a part of a sheet (`#xywh=`, W3C Media Fragments §4.2.2). Nil when `rendition` is no storyboard.
    public func storyboard(rendition: Int) -> String? {
        guard case .storyboard(let width, let height, let tiles) = outline.renditions[rendition].content else {
            return nil
        }
        let timestamp = { (microseconds: Int64) in Timestamp.text(milliseconds: microseconds / 1000) }
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
                text += "\n\(timestamp(start + from)) --> \(timestamp(start + to))\n"
                text += "\(sheet)#xywh=\(Int(tile) * width),0,\(width),\(height)\n"
            }
            start += end
        }
        return text
    }
}
