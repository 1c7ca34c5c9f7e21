public import JSON
internal import MediaPlan
public import Presentation

/// What the jailed process is told to do.
public enum TranscodeOrder: Sendable, Equatable {
    /// Look at the upload and plan the work.
    case probe(TranscodeOptions)
    /// Do one unit of the work that probing has planned; `media` is the plan's, handed on unread.
    case unit(UnitOutline, media: JSONValue)

    /// Bounds of an order's text.
    public static let limits = JSONLimits(maximumBytes: 4 << 20)
}

extension TranscodeOrder {
    /// The order as JSON.
    public var json: JSONValue {
        switch self {
        case .probe(let options): ["unit": "probe", "options": options.json]
        case .unit(let unit, let media): ["unit": .string(unit.kind.rawValue), "detail": unit.json, "media": media]
        }
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(json: JSONValue) {
        if json["unit"]?.string == "probe" {
            guard let options = json["options"].flatMap(TranscodeOptions.init(json:)) else { return nil }
            self = .probe(options)
        } else {
            guard let media = json["media"], let unit = json["detail"].flatMap(UnitOutline.init(json:)),
                json["unit"]?.string == unit.kind.rawValue
            else { return nil }
            self = .unit(unit, media: media)
        }
    }
}

extension TranscodeOptions {
    var json: JSONValue {
        [
            "preset": .string(preset), "video": video.json,
            "maximumPixels": .integer(Int64(limits.maximumPixels)),
            "maximumSide": .integer(Int64(limits.maximumSide)), "maximumSeconds": .number(limits.maximumSeconds),
            "maximumAudioStreams": .integer(Int64(limits.maximumAudioStreams)),
        ]
    }

    init?(json: JSONValue) {
        guard let preset = json["preset"]?.string, let video = try? json["video"].map({ try VideoOptions(json: $0) }),
            let pixels = json["maximumPixels"]?.integer, pixels > 0,
            pixels <= 1 << 30,
            let side = json["maximumSide"]?.integer, side > 0, side <= 1 << 16,
            let seconds = json["maximumSeconds"]?.number, seconds > 0, seconds <= 31_536_000,
            let streams = json["maximumAudioStreams"]?.integer, (0...64).contains(streams)
        else { return nil }
        self.init(
            preset: preset, video: video,
            limits: MediaPlan.Limits(
                maximumPixels: Int(pixels), maximumSide: Int(side), maximumSeconds: seconds,
                maximumAudioStreams: Int(streams)))
    }
}
