internal import MediaPlan

/// What encodes a rung, and what it is told beside size, rate and colours.
struct EncoderLibrary {
    /// libav's name of it.
    let name: String
    /// libav's options, by its names.
    let options: KeyValuePairs<String, String>
    /// Whether it begins groups where it is told to. One that does not counts from the first frame it is given.
    let obeysKeys: Bool

    /// What encodes `rung` in groups of `framesPerGroup`, with x264's name of a speed; `parameterSets` numbers its parameter
    /// sets where it has such numbers.
    init(rung: Rung, framesPerGroup: Int, preset: String, parameterSets: Int) {
        let crf = "\(rung.constantRateFactor)"
        let groups = "keyint=\(framesPerGroup):min-keyint=\(framesPerGroup):scenecut=0:open-gop=0"
        switch rung.codec {
        case .h264:
            let immediate = framesPerGroup == 1 ? ":bframes=0:rc-lookahead=0:sync-lookahead=0" : ""
            name = "libx264"
            options = [
                "preset": preset, "crf": crf, "profile": "high", "forced-idr": "1", "a53cc": "0",
                "x264-params": "\(groups):stitchable=1:force-cfr=1:sps-id=\(parameterSets)\(immediate)",
            ]
            obeysKeys = true
        case .hevc:
            name = "libx265"
            options = [
                "preset": preset, "crf": crf, "profile": "main", "forced-idr": "1", "a53cc": "0",
                "x265-params":
                    "\(groups):repeat-headers=0:info=0:pools=none:frame-threads=1:wpp=0:log-level=none",
            ]
            obeysKeys = true
        case .av1:
            name = "libsvtav1"
            options = ["preset": Self.speed(of: preset), "crf": crf, "svtav1-params": "lp=1"]
            obeysKeys = false
        }
    }

    /// SVT-AV1's number of a speed; its 10, which takes three times as long, stands for x264's "veryfast".
    private static func speed(of preset: String) -> String {
        let names = ["slower", "slow", "medium", "fast", "faster", "veryfast", "superfast", "ultrafast"]
        return "\(5 + (names.firstIndex(of: preset) ?? 5))"
    }
}
