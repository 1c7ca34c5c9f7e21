public import JSON

extension MediaPlan {
    /// The plan for the explain page: what the upload is, what comes out, and each choice with its reason.
    public func explanation(of media: ProbedMedia) -> JSONValue {
        var members: JSONObject = ["source": source(media)]
        if let video {
            members["renditions"] = .array(
                video.sizes.indices.map { index in
                    rendition(video.sizes[index], copy: index == video.rungs.count - 1 ? video.copy : nil)
                })
        }
        members["framesPerGroup"] = .integer(Int64(grid.framesPerGroup))
        members["framesPerSegment"] = .integer(Int64(grid.framesPerSegment))
        members["durationSeconds"] = .number(Self.thousandths(seconds))
        members["decisions"] = .array(decisions.map(\.json))
        return .object(members)
    }

    private func rendition(_ rung: Rung, copy: PictureCopy?) -> JSONValue {
        var object: JSONObject = [
            "name": .string(rung.name), "codec": .string(rung.codec.rawValue), "width": .integer(Int64(rung.width)),
            "height": .integer(Int64(rung.height)),
            "frameRate": .number(Double(grid.rateThousandths(step: rung.frameStep)) / 1000),
        ]
        let share = copy?.share(of: frames, grid: grid) ?? 0
        object["copied"] = .bool(share == 1)
        if let copy {
            object["copiedShare"] = .number(Self.thousandths(share))
            object["peakBitsPerSecond"] = .integer(Int64(copy.peakBitsPerSecond))
            object["averageBitsPerSecond"] = .integer(Int64(copy.averageBitsPerSecond))
        }
        if share < 1 {
            object["maximumBitsPerSecond"] = .integer(Int64(rung.maximumBitsPerSecond))
            object["constantRateFactor"] = .number(rung.constantRateFactor)
        }
        return .object(object)
    }

    private func source(_ media: ProbedMedia) -> JSONValue {
        var object: JSONObject = [
            "container": .string(media.container), "bytes": .integer(Int64(media.bytes)),
            "durationSeconds": .number(Self.thousandths(seconds)), "breaksOff": .bool(media.breaksOff),
            "startSeconds": .number(Self.thousandths(Double(originMicroseconds) / 1_000_000)),
        ]
        if let declared = media.durationSeconds { object["declaredSeconds"] = .number(Self.thousandths(declared)) }
        if media.clockLeaps > 0 { object["clockLeaps"] = .integer(Int64(media.clockLeaps)) }
        if let video = media.video { object["picture"] = picture(video, media.pictures) }
        object["streams"] = .array(media.streams.map { stream($0, of: media) })
        return .object(object)
    }

    private func picture(_ video: ProbedVideo, _ pictures: MeasuredPictures?) -> JSONValue {
        var object: JSONObject = [
            "width": .integer(Int64(video.width)), "height": .integer(Int64(video.height)),
            "pixelAspect": .string(video.sampleAspect.description),
            "orientation": .string(video.orientation.words), "interlaced": .bool(video.isInterlaced),
            "pixelFormat": .string(video.pixelFormat), "transfer": .string(video.transfer.rawValue),
            "colour": [
                "primaries": .integer(Int64(video.colour.primaries)),
                "transfer": .integer(Int64(video.colour.transfer)), "matrix": .integer(Int64(video.colour.matrix)),
                "fullRange": .bool(video.colour.isFullRange),
            ],
        ]
        if let says = video.isDeclaredInterlaced { object["declaredInterlaced"] = .bool(says) }
        if let rate = video.declaredRate { object["declaredFrameRate"] = .number(Self.thousandths(rate.value)) }
        guard let pictures else { return .object(object) }
        let timing = FrameTiming(pictures)
        object["frames"] = .integer(Int64(timing.count))
        object["keyframes"] = .integer(Int64(pictures.keys.count))
        if let average = timing.averageRate { object["frameRate"] = .number(Self.thousandths(average)) }
        object["variableFrameRate"] = .bool(timing.isVariable)
        object["largestGapSeconds"] = .number(Self.thousandths(timing.largestGapSeconds))
        return .object(object)
    }

    private func stream(_ stream: ProbedStream, of media: ProbedMedia) -> JSONValue {
        var object: JSONObject = [
            "index": .integer(Int64(stream.index)), "kind": .string(stream.kind.rawValue),
            "codec": .string(stream.codec), "packets": .integer(Int64(stream.measured.packets)),
            "bytes": .integer(Int64(stream.measured.bytes)), "decision": .string(use(of: stream, in: media)),
        ]
        if let language = stream.language { object["language"] = .string(language) }
        if let declared = stream.declaredSeconds { object["declaredSeconds"] = .number(Self.thousandths(declared)) }
        if let rate = stream.measured.bitsPerSecond { object["bitsPerSecond"] = .integer(Int64(rate)) }
        if let rate = stream.declaredBitsPerSecond { object["declaredBitsPerSecond"] = .integer(Int64(rate)) }
        if let start = stream.measured.startMicroseconds, let end = stream.measured.endMicroseconds {
            let offset = Double(start - originMicroseconds) / 1_000_000
            object["offsetSeconds"] = .number(Self.thousandths(offset))
            object["seconds"] = .number(Self.thousandths(Double(end - start) / 1_000_000))
        }
        if let sound = media.audio.first(where: { $0.streamIndex == stream.index }) {
            object["channels"] = .integer(Int64(sound.channels))
            object["sampleRate"] = .integer(Int64(sound.sampleRate))
        }
        return .object(object)
    }

    private func use(of stream: ProbedStream, in media: ProbedMedia) -> String {
        if stream.index == video?.streamIndex {
            guard let copy = video?.copy else { return "all sizes of the picture" }
            let isWhole = copy.share(of: frames, grid: grid) == 1
            return "all sizes of the picture, the largest one \(isWhole ? "as it is" : "partly as it is")"
        }
        let sounds = audio.filter { $0.streamIndex == stream.index }.map { plan in
            plan.copy == nil ? plan.name : "\(plan.name) (as it is)"
        }
        if !sounds.isEmpty {
            return "sound rendition\(sounds.count > 1 ? "s" : "") \(sounds.joined(separator: " and "))"
        }
        if let text = subtitles.first(where: { $0.streamIndex == stream.index }) {
            return "subtitles rendition \(text.name)"
        }
        switch stream.kind {
        case .video, .audio:
            if !stream.isDecodable { return "not used: Weir does not decode \(stream.codec)" }
            if stream.measured.packets == 0 { return "not used: none of it is there" }
            return stream.kind == .video
                ? "not used: another stream has more pixels" : "not used: too many sound streams"
        case .picture: return "not used: a cover, not part of the film"
        case .subtitles: return whyNotRead(stream)
        case .data: return "not used: neither pictures nor sound"
        case .attachment: return "not used: an attached file"
        }
    }

    private func whyNotRead(_ stream: ProbedStream) -> String {
        if stream.showsTextAsPictures { return "not used: these subtitles are pictures (\(stream.codec)), not text" }
        if !stream.isDecodable { return "not used: Weir does not read \(stream.codec)" }
        return stream.measured.packets == 0
            ? "not used: none of it is there" : "not used: too many streams of subtitles"
    }

    private static func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
