public import JSON

/// How pictures are coded.
public enum VideoCodec: String, Sendable, CaseIterable {
    /// What every player takes; always made.
    case h264
    /// Fewer bytes for the same picture, where a player has it.
    case hevc
    /// Less still, on most browsers and newer devices.
    case av1
}

/// What is made of one video, as far as its owner has a choice.
public struct VideoOptions: Sendable, Equatable {
    /// What is done to segments before they are stored.
    public enum Encryption: String, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// Whole segments are encrypted with AES-128 (RFC 8216 §4.3.2.4).
        case aes128 = "aes-128"
    }

    /// The ladders of sizes, in the order in which they are made: H.264 first.
    public let codecs: [VideoCodec]
    /// What is done to its segments.
    public let encryption: Encryption

    /// Makes ladders in `codecs` and in H.264; segments stay in the clear unless it is said otherwise.
    public init(codecs: [VideoCodec] = [], encryption: Encryption = .none) {
        self.codecs = VideoCodec.allCases.filter { $0 == .h264 || codecs.contains($0) }
        self.encryption = encryption
    }
}

extension VideoOptions {
    /// What is wrong with options that somebody wrote.
    public struct Wrong: Error, Sendable, Equatable {
        /// Path of the value below the options, such as "codecs[1]"; empty for the options themselves.
        public let key: String
        /// What is wrong, and what would be right, as the end of a sentence that begins with the key.
        public let message: String
    }

    /// The options as JSON.
    public var json: JSONValue {
        ["codecs": .array(codecs.map { .string($0.rawValue) }), "encryption": .string(encryption.rawValue)]
    }

    /// Reads options from outside; what they do not mention is as in `usual`.
    public init(json: JSONValue, usual: VideoOptions = VideoOptions()) throws(Wrong) {
        guard let object = json.object else {
            throw Wrong(key: "", message: "must be an object such as {\"codecs\": [\"h264\"]}.")
        }
        var (codecs, encryption) = (usual.codecs, usual.encryption)
        for (key, value) in object.members {
            switch key {
            case "codecs": codecs = try Self.codecs(value)
            case "encryption": encryption = try Self.encryption(value)
            default: throw Wrong(key: key, message: "is no option of a video; those there are: codecs, encryption.")
            }
        }
        self.init(codecs: codecs, encryption: encryption)
    }

    private static func encryption(_ json: JSONValue) throws(Wrong) -> Encryption {
        guard let encryption = json.string.flatMap(Encryption.init) else {
            let known = Encryption.allCases.map(\.rawValue).joined(separator: " or ")
            throw Wrong(key: "encryption", message: "must be \(known).")
        }
        return encryption
    }

    private static func codecs(_ json: JSONValue) throws(Wrong) -> [VideoCodec] {
        let known = VideoCodec.allCases.map(\.rawValue).joined(separator: ", ")
        guard let list = json.array else {
            throw Wrong(key: "codecs", message: "must be a list of codecs, of which there are: \(known).")
        }
        var codecs: [VideoCodec] = []
        for (index, item) in list.enumerated() {
            guard let codec = item.string.flatMap(VideoCodec.init) else {
                let written = item.string.map { "\"\($0)\"" } ?? "no text"
                throw Wrong(key: "codecs[\(index)]", message: "is \(written); the codecs there are: \(known).")
            }
            codecs.append(codec)
        }
        return codecs
    }
}
