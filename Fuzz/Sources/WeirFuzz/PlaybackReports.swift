import EdgeControl
import JSON

/// A report has few rows, each of a video with a name and a time that is one, and says the same however it is written.
func fuzzPlaybackReport(_ bytes: UnsafeRawBufferPointer) {
    let bytes = Array(bytes)
    guard let report = try? PlaybackReport(bytes) else { return }
    require((16...64).contains(report.run.utf8.count) && report.number > 0, "nobody's report")
    require(report.rows.count <= PlaybackReport.rows, "more rows than there may be")
    for row in report.rows {
        let isName = (1...64).contains(row.videoId.utf8.count) && !row.videoId.utf8.contains(UInt8(ascii: "/"))
        require(isName && row.time >= 0 && row.time % 1_000 == 0, "a row of nothing")
    }
    guard let document = try? JSONValue.parse(bytes) else { return require(false, "a report that is no document") }
    require((try? PlaybackReport(document.serialized(pretty: true))) == report, "another report when written again")
}
