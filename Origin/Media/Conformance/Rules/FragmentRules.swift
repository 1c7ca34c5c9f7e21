import CMAF

/// What an initialisation section says.
enum FragmentRules {
    static func check(_ header: MovieHeader, at place: Finding.Place, _ findings: inout FindingCollector) {
        if !header.isFragmented {
            findings.addRepeated(
                .fragmentFormat, aspect: "mvex", at: place, "The initialisation section has no mvex box.")
        }
        if header.tracks.isEmpty {
            findings.addRepeated(
                .fragmentFormat, aspect: "tracks", at: place, "The initialisation section describes no track.")
        }
        for track in header.tracks {
            if track.timescale == 0 || track.entries.isEmpty {
                findings.addRepeated(
                    .fragmentFormat, aspect: "track", at: place, measured: "track \(track.id)",
                    "A track has no clock, or no sample description.")
            }
            if track.edits.contains(where: \.isEmpty) {
                let delay = track.edits.filter(\.isEmpty).reduce(Int64(0)) { $0 &+ Int64(clamping: $1.duration) }
                findings.addRepeated(
                    .editList, aspect: "empty \(track.handler)", at: place,
                    measured: Quantity.seconds(Quantity.microseconds(delay, timescale: header.timescale)),
                    "An empty edit delays the track; players that ignore it lose the sound's place beside the picture.")
            } else if track.edits.count > 1 {
                findings.addRepeated(
                    .editList, aspect: "several", at: place, measured: "\(track.edits.count)",
                    "The track has \(track.edits.count) edits; players read the first.")
            }
        }
    }
}
