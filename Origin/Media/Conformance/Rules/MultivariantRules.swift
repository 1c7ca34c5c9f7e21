import Playlist

/// What a multivariant playlist says, whatever is behind it.
enum MultivariantRules {
    static func check(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        checkVariants(list, &findings)
        checkRenditions(list, &findings)
        checkGroups(list, &findings)
        checkScores(list, &findings)
        checkCaptions(list, &findings)
        if let steering = list.playlist.contentSteering, steering.pathwayID == nil {
            findings.add(.pathway, at: Finding.Place(list.name), "EXT-X-CONTENT-STEERING has no PATHWAY-ID.")
        }
        let needed = neededVersion(list.playlist)
        if list.playlist.version < needed.version {
            findings.add(
                .version, at: Finding.Place(list.name), stated: "\(list.playlist.version)",
                measured: "\(needed.version)",
                "\(needed.reason) needs EXT-X-VERSION:\(needed.version).")
        }
    }

    private static func neededVersion(_ playlist: MultivariantPlaylist) -> (version: Int, reason: String) {
        if playlist.renditions.contains(where: { $0.inStreamID?.hasPrefix("SERVICE") ?? false }) {
            return (7, "INSTREAM-ID with a SERVICE")
        }
        return (1, "")
    }

    private static func checkVariants(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        for (variant, line) in zip(list.playlist.variants, list.lines.variants) {
            let place = Finding.Place(list.name, line: line)
            if variant.codecs.isEmpty {
                findings.add(.codecs, at: place, "\(variant.uri) has no CODECS.")
            }
            checkAverage(variant.averageBandwidth, variant.bandwidth, of: variant.uri, at: place, &findings)
        }
        for (variant, line) in zip(list.playlist.iFrameVariants, list.lines.iFrameVariants) {
            let place = Finding.Place(list.name, line: line)
            if variant.codecs.isEmpty {
                findings.add(.iFrameCodecs, at: place, "\(variant.uri) has no CODECS.")
            }
            if variant.resolution == nil {
                findings.add(.iFrameResolution, at: place, "\(variant.uri) has no RESOLUTION.")
            }
            if variant.averageBandwidth != nil {
                checkAverage(variant.averageBandwidth, variant.bandwidth, of: variant.uri, at: place, &findings)
            }
        }
    }

    private static func checkAverage(
        _ average: Int?, _ peak: Int, of uri: String, at place: Finding.Place, _ findings: inout FindingCollector
    ) {
        guard let average else {
            findings.add(.averageBandwidth, at: place, "\(uri) has no AVERAGE-BANDWIDTH.")
            return
        }
        if average > peak {
            findings.add(
                .variantAttributes, at: place, stated: "\(average)", measured: "\(peak)",
                "AVERAGE-BANDWIDTH of \(uri) is more than its BANDWIDTH.")
        }
    }

    // MARK: EXT-X-MEDIA

    private static func checkRenditions(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        for (rendition, line) in zip(list.playlist.renditions, list.lines.renditions) {
            let place = Finding.Place(list.name, line: line)
            func breach(_ rule: ConformanceRule, _ message: String) {
                findings.add(rule, at: place, "\(rendition.name): \(message).")
            }
            if rendition.kind != .video, rendition.language == nil { breach(.language, "LANGUAGE is missing") }
            switch rendition.kind {
            case .subtitles where rendition.uri == nil: breach(.renditionAttributes, "subtitles need a URI")
            case .closedCaptions where rendition.uri != nil:
                breach(.renditionAttributes, "closed captions are in the video and have no URI")
            case .closedCaptions where rendition.inStreamID == nil:
                breach(.renditionAttributes, "closed captions need an INSTREAM-ID")
            case .audio where rendition.channels == nil:
                breach(.channelStatement, "CHANNELS is missing")
            default: break
            }
            if rendition.kind != .closedCaptions, rendition.inStreamID != nil {
                breach(.renditionAttributes, "INSTREAM-ID is for closed captions alone")
            }
            if rendition.isForced, rendition.kind != .subtitles {
                breach(.renditionAttributes, "FORCED is for subtitles alone")
            }
            checkAccessibility(rendition, breach)
        }
    }

    private static func checkAccessibility(
        _ rendition: MultivariantPlaylist.Rendition, _ breach: (ConformanceRule, String) -> Void
    ) {
        guard !rendition.isAutoselect, !rendition.isDefault else { return }
        if rendition.isForced { breach(.forcedSubtitles, "forced subtitles go with AUTOSELECT=YES") }
        if rendition.characteristics.contains("public.accessibility.describes-video") {
            breach(.describedVideo, "audio description goes with AUTOSELECT=YES")
        }
        if rendition.characteristics.contains("public.accessibility.transcribes-spoken-dialog") {
            breach(.transcribedDialog, "subtitles for the deaf go with AUTOSELECT=YES")
        }
    }

    private static func checkGroups(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        var names: Set<[String]> = []
        var defaults: Set<[String]> = []
        for (rendition, line) in zip(list.playlist.renditions, list.lines.renditions) {
            let place = Finding.Place(list.name, line: line)
            let group = [rendition.kind.rawValue, rendition.group]
            if !names.insert(group + [rendition.name]).inserted {
                findings.add(
                    .renditionGroups, at: place, "The group \(rendition.group) has the name \(rendition.name) twice.")
            }
            if rendition.isDefault, !defaults.insert(group).inserted {
                findings.add(.renditionGroups, at: place, "The group \(rendition.group) has a second default.")
            }
        }
    }

    // MARK: All or none

    private static func checkScores(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        let without = list.playlist.variants.count { $0.scoreThousandths == nil }
        if without > 0, without < list.playlist.variants.count {
            findings.add(
                .score, at: Finding.Place(list.name), measured: "\(without) without",
                "SCORE is missing on \(without) of \(list.playlist.variants.count) variants: players ignore the others."
            )
        }
    }

    private static func checkCaptions(_ list: ListedPresentation, _ findings: inout FindingCollector) {
        let without = list.playlist.variants.filter(\.statesNoClosedCaptions).count
        if without > 0, without < list.playlist.variants.count {
            findings.add(
                .variantAttributes, at: Finding.Place(list.name), measured: "\(without)",
                "CLOSED-CAPTIONS=NONE is stated of \(without) of \(list.playlist.variants.count) variants: all or none."
            )
        }
        for (variant, line) in zip(list.playlist.variants, list.lines.variants)
        where without == 0 && !variant.statesNoClosedCaptions && variant.closedCaptionsGroup == nil
            && !isSoundAlone(variant)
        {
            findings.addRepeated(
                .captionStatement, at: Finding.Place(list.name, line: line),
                "No CLOSED-CAPTIONS: players look for captions in the video; CLOSED-CAPTIONS=NONE says there are none.")
        }
    }

    /// As far as a playlist says: there are codecs and no pictures.
    private static func isSoundAlone(_ variant: MultivariantPlaylist.Variant) -> Bool {
        let sounds: Set<String> = ["mp4a", "ac-3", "ec-3", "opus", "fLaC", "alac", "apac"]
        return variant.resolution == nil && !variant.codecs.isEmpty
            && variant.codecs.allSatisfy { sounds.contains(String($0.prefix { $0 != "." })) }
    }
}
