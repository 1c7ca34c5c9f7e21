internal import JSON

/// The pipe between the jailed process and its parent.
///
/// A frame is two big-endian 32-bit lengths (of header and of body), a JSON header whose `event` names the case, and the
/// body: the bytes of an init or media segment, else empty. The reader trusts nothing: lengths are bounded, headers are
/// parsed strictly, and any violation ends the conversation.
extension TranscodeEvent {
    /// The event as one frame.
    public var encoded: [UInt8] {
        let (header, body) = parts
        let text = JSONValue.object(header).serialized()
        var frame: [UInt8] = []
        frame.reserveCapacity(8 + text.count + body.count)
        for length in [UInt32(text.count), UInt32(body.count)] {
            for shift in [24, 16, 8, 0] as [UInt32] { frame.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
        frame += text
        frame += body
        return frame
    }

    private var parts: (JSONObject, [UInt8]) {
        switch self {
        case .started(let outline):
            (["event": "started", "outline": outline.json], [])
        case .initialization(let rendition, let bytes):
            (["event": "initialization", "rendition": .integer(Int64(rendition))], bytes)
        case .segment(let rendition, let number, let duration, let bytes):
            (
                [
                    "event": "segment", "rendition": .integer(Int64(rendition)), "number": .integer(Int64(number)),
                    "durationMicroseconds": .integer(duration),
                ], bytes
            )
        case .progress(let fraction):
            (["event": "progress", "thousandths": .integer(Int64(max(0, min(1, fraction)) * 1000))], [])
        case .finished(let duration, let explanation):
            (["event": "finished", "durationMicroseconds": .integer(duration), "explanation": explanation], [])
        case .failed(let failure):
            (
                [
                    "event": "failed", "reason": .string(failure.reason), "detail": .string(failure.detail),
                    "retryable": .bool(failure.isRetryable),
                ], []
            )
        }
    }

    init?(header: JSONValue, body: [UInt8]) {
        switch header["event"]?.string {
        case "started":
            guard let outline = header["outline"].flatMap(PresentationOutline.init(json:)) else { return nil }
            self = .started(outline)
        case "initialization":
            guard let rendition = header["rendition"]?.small else { return nil }
            self = .initialization(rendition: rendition, bytes: body)
        case "segment":
            guard let rendition = header["rendition"]?.small, let number = header["number"]?.small, number >= 1,
                let duration = header["durationMicroseconds"]?.integer, (1...3_600_000_000).contains(duration)
            else { return nil }
            self = .segment(rendition: rendition, number: number, durationMicroseconds: duration, bytes: body)
        case "progress":
            guard let thousandths = header["thousandths"]?.small, thousandths <= 1000 else { return nil }
            self = .progress(Double(thousandths) / 1000)
        case "finished":
            guard let duration = header["durationMicroseconds"]?.integer, duration >= 0,
                let explanation = header["explanation"]
            else { return nil }
            self = .finished(durationMicroseconds: duration, explanation: explanation)
        case "failed":
            guard let reason = header["reason"]?.string, let detail = header["detail"]?.string,
                let retryable = header["retryable"]?.bool
            else { return nil }
            self = .failed(TranscodeFailure(reason: reason, detail: detail, isRetryable: retryable))
        default:
            return nil
        }
    }
}

extension JSONValue {
    /// A count or index: 0 to 10 million.
    var small: Int? {
        guard let integer, (0...10_000_000).contains(integer) else { return nil }
        return Int(integer)
    }
}

extension PresentationOutline {
    var json: JSONValue {
        var object: JSONObject = ["targetDurationSeconds": .integer(Int64(targetDurationSeconds))]
        if let declaredSeconds { object["declaredSeconds"] = .number(declaredSeconds) }
        object["renditions"] = .array(renditions.map(\.json))
        object["explanation"] = explanation
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let target = json["targetDurationSeconds"]?.small, target > 0, let list = json["renditions"]?.array,
            let explanation = json["explanation"]
        else { return nil }
        let renditions = list.compactMap(RenditionOutline.init(json:))
        guard renditions.count == list.count, !renditions.isEmpty, renditions.count <= 64,
            Set(renditions.map(\.name)).count == renditions.count
        else { return nil }
        self.init(
            renditions: renditions, targetDurationSeconds: target, declaredSeconds: json["declaredSeconds"]?.number,
            explanation: explanation)
    }
}

extension RenditionOutline {
    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name), "codec": .string(codec), "declaredPeak": .integer(Int64(declaredPeak)),
            "declaredAverage": .integer(Int64(declaredAverage)),
        ]
        switch content {
        case .video(let width, let height, let rate):
            object["width"] = .integer(Int64(width))
            object["height"] = .integer(Int64(height))
            object["frameRateThousandths"] = .integer(Int64(rate))
        case .audio(let language, let channels, let isDefault):
            if let language { object["language"] = .string(language) }
            object["channels"] = .integer(Int64(channels))
            object["default"] = .bool(isDefault)
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.string, Self.isFolderName(name), let codec = json["codec"]?.string,
            codec.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }),
            let peak = json["declaredPeak"]?.integer, let average = json["declaredAverage"]?.integer,
            (0...1_000_000_000).contains(peak), (0...1_000_000_000).contains(average)
        else { return nil }
        let content: Content
        if let width = json["width"]?.small {
            guard let height = json["height"]?.small, let rate = json["frameRateThousandths"]?.small else { return nil }
            content = .video(width: width, height: height, frameRateThousandths: rate)
        } else {
            guard let channels = json["channels"]?.small, let isDefault = json["default"]?.bool else { return nil }
            let language = json["language"]?.string
            if let language, !Self.isFolderName(language) { return nil }
            content = .audio(language: language, channels: channels, isDefault: isDefault)
        }
        self.init(name: name, content: content, codec: codec, declaredPeak: Int(peak), declaredAverage: Int(average))
    }

    /// Names become parts of object keys, so the jailed process may only use harmless ones.
    private static func isFolderName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }
}
