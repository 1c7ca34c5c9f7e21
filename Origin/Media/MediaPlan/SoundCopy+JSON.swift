internal import JSON

extension SoundCopy {
    /// No film has more frames of sound.
    private static var mostFrames: Int { 1 << 31 }

    var json: JSONValue {
        [
            "configuration": .bytes(configuration), "sampleRate": .integer(Int64(sampleRate)),
            "silentFrames": .integer(Int64(silentFrames)), "firstFrame": .integer(Int64(firstFrame)),
            "frames": .integer(Int64(frames)), "editStart": .integer(Int64(editStart)),
            "peakBitsPerSecond": .integer(Int64(peakBitsPerSecond)),
        ]
    }

    init?(json: JSONValue) {
        guard let configuration = json["configuration"]?.bytes(atMost: Self.mostConfigurationBytes),
            !configuration.isEmpty, let rate = json["sampleRate"]?.bounded(8000...96_000),
            let silent = json["silentFrames"]?.bounded(0...Self.mostFrames),
            let first = json["firstFrame"]?.bounded(0...Self.mostFrames),
            let frames = json["frames"]?.bounded(1...Self.mostFrames),
            let edit = json["editStart"]?.bounded(0...2 * Self.frameLength - 1),
            let peak = json["peakBitsPerSecond"]?.bounded(0...10_000_000)
        else { return nil }
        self.init(
            configuration: configuration, sampleRate: rate, silentFrames: silent, firstFrame: first, frames: frames,
            editStart: edit, peakBitsPerSecond: peak)
    }
}
