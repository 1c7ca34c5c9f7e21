public import JSON

/// How loud a sound rendition is as a whole (EBU R128, EBU Tech 3342).
public struct Loudness: Sendable, Equatable {
    /// Folder of the rendition.
    public var rendition: String
    /// Loudness of the whole in LUFS (ITU-R BS.1770); nil for silence.
    public var integrated: Double?
    /// How far loud and soft passages lie apart, in LU.
    public var range: Double
    /// The largest sample in dBFS; nil for silence.
    public var samplePeak: Double?

    /// States a measurement, to a tenth.
    public init(rendition: String, integrated: Double?, range: Double, samplePeak: Double?) {
        self.rendition = rendition
        self.integrated = integrated.flatMap(Self.tenths)
        self.range = Self.tenths(range) ?? 0
        self.samplePeak = samplePeak.flatMap(Self.tenths)
    }

    private static func tenths(_ value: Double) -> Double? { value.isFinite ? (value * 10).rounded() / 10 : nil }
}

extension Loudness {
    /// The measurement as JSON.
    public var json: JSONValue {
        [
            "rendition": .string(rendition), "integratedLUFS": integrated.map { .number($0) } ?? .null,
            "rangeLU": .number(range), "samplePeakDBFS": samplePeak.map { .number($0) } ?? .null,
        ]
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(json: JSONValue) {
        guard let rendition = json["rendition"]?.string, (1...32).contains(rendition.utf8.count),
            let integrated = json["integratedLUFS"], let range = json["rangeLU"]?.number, (0...1000).contains(range),
            let peak = json["samplePeakDBFS"], Self.isLevel(integrated), Self.isLevel(peak)
        else { return nil }
        self.init(rendition: rendition, integrated: integrated.number, range: range, samplePeak: peak.number)
    }

    private static func isLevel(_ value: JSONValue) -> Bool {
        value == .null || value.number.map { (-1000...1000).contains($0) } ?? false
    }
}
