public import JSON

/// How far a video is, as the origin tells it.
public struct UploadState: Sendable, Equatable {
    /// How much of one rendition can be played.
    public struct Rendition: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Seconds from the beginning.
        public var seconds: Double
    }

    /// The video's status, such as `transcoding`.
    public var status: String
    /// 0 to 1.
    public var progress: Double
    /// Whether it can be watched from its beginning.
    public var isPlayable: Bool
    /// What is published of each rendition.
    public var renditions: [Rendition]
    /// The video's length, once known.
    public var durationSeconds: Double?
    /// How long the rest will take, when that is known.
    public var secondsLeft: Double?
    /// Why it failed.
    public var failure: String?

    /// Reads an event's data; nil when it is none.
    public init?(json: JSONValue) {
        guard let status = json["status"]?.string else { return nil }
        self.status = status
        progress = min(max(json["progress"]?.number ?? 0, 0), 1)
        isPlayable = json["playable"]?.bool ?? false
        renditions = (json["renditions"]?.array ?? []).compactMap { item in
            guard let name = item["name"]?.string, let seconds = item["publishedSeconds"]?.number else { return nil }
            return Rendition(name: name, seconds: seconds)
        }
        durationSeconds = json["durationSeconds"]?.number
        secondsLeft = json["estimatedSecondsLeft"]?.number
        failure = json["failure"]?["reason"]?.string
    }
}
