import JSON
import UploadView

/// Videos as tables for people.
enum VideoTable {
    private static let longestTitle = 60

    static func list(_ videos: [JSONValue]) -> TextTable {
        TextTable(
            heading: ["VIDEO", "STATUS", "LENGTH", "VIEWS", "VISIBILITY", "CREATED", "TITLE"], rows: videos.map(row))
    }

    private static func row(_ video: JSONValue) -> [String] {
        let title = text(video, "title")
        return [
            text(video, "videoId"), status(video), length(video), "\(video["views"]?.integer ?? 0)",
            text(video, "visibility"), text(video, "createdAt"),
            title.count > longestTitle ? String(title.prefix(longestTitle - 1)) + "…" : title,
        ]
    }

    static func details(_ video: JSONValue) -> TextTable {
        var rows = [
            ["title", text(video, "title")], ["description", text(video, "description")], ["status", status(video)],
            ["playable", video["playable"]?.bool == true ? "yes" : "no"], ["visibility", text(video, "visibility")],
            ["length", length(video)], ["views", "\(video["views"]?.integer ?? 0)"],
            ["likes", "\(video["likes"]?.integer ?? 0)"], ["owner", text(video, "ownerId")],
            ["type", text(video, "contentType")], ["created", text(video, "createdAt")],
        ]
        if let failure = video["failure"] {
            rows.append(["failure", text(failure, "reason")])
            if let detail = failure["detail"]?.string { rows.append(["", detail]) }
        }
        for rendition in video["renditions"]?.array ?? [] { rows.append(["rendition", self.rendition(rendition)]) }
        return TextTable(heading: ["video", text(video, "videoId")], rows: rows)
    }

    private static func rendition(_ rendition: JSONValue) -> String {
        var parts = [text(rendition, "name")]
        if let width = rendition["width"]?.integer, let height = rendition["height"]?.integer, width > 0 {
            parts.append("\(width)x\(height)")
        }
        parts.append(text(rendition, "codecs"))
        if let bytes = rendition["bytes"]?.integer { parts.append(ByteCount.text(bytes)) }
        return parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private static func status(_ video: JSONValue) -> String {
        let status = text(video, "status")
        guard status == "transcoding", let progress = video["progress"]?.number else { return status }
        return "\(status) \(Int(progress * 100)) %"
    }

    private static func length(_ video: JSONValue) -> String {
        video["durationSeconds"]?.number.map { ProgressLine.clock($0) } ?? "-"
    }

    private static func text(_ value: JSONValue, _ name: String) -> String { value[name]?.string ?? "" }
}
