internal import JSON
internal import MediaPlan
internal import Transcode

/// The command line of the file mode.
struct FileOptions {
    static let usage =
        "weir-transcoder --input FILE --output DIRECTORY [--units N (side by side at most; as many as processors)] [--preset NAME] "
        + "[--codecs LIST (\(VideoCodec.allCases.map(\.rawValue).joined(separator: ",")); h264 is always made)] [--encryption aes-128]"

    /// What is wrong, and how it goes.
    struct Wrong: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) { description = "\(what); usage: \(FileOptions.usage)" }
    }

    var input = ""
    var output = ""
    var units: Int?
    var transcode = TranscodeOptions()

    init(_ arguments: [String]) throws(Wrong) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Wrong("\(option) needs a value") }
            switch option {
            case "--input": input = value
            case "--output": output = value
            case "--preset": transcode.preset = value
            case "--codecs":
                let names = value.split(separator: ",", omittingEmptySubsequences: false)
                transcode.video = try video("codecs", .array(names.map { .string(String($0)) }))
            case "--encryption": transcode.video = try video("encryption", .string(value))
            case "--units":
                guard let count = Int(value), (1...256).contains(count) else {
                    throw Wrong("--units \(value): expected a number from 1 to 256")
                }
                units = count
            default: throw Wrong("unknown option \(option)")
            }
        }
        guard !input.isEmpty else { throw Wrong("--input FILE is missing") }
        guard !output.isEmpty else { throw Wrong("--output DIRECTORY is missing") }
    }

    /// The options of the video with another value of the one called `name`.
    private func video(_ name: String, _ value: JSONValue) throws(Wrong) -> VideoOptions {
        do {
            return try VideoOptions(json: [name: value], usual: transcode.video)
        } catch {
            throw Wrong("--\(name): \(error.key) \(error.message)")
        }
    }
}
