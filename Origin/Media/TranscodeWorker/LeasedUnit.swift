internal import Bytes
internal import JSON
internal import MediaPlan
internal import Presentation

/// A unit of work as the origin gives it to a worker.
struct LeasedUnit: Sendable {
    /// The upload the unit is about.
    struct Source: Sendable, Hashable {
        let bucket: String
        let key: String
        let bytes: Int64
        let etag: String
    }

    /// What is to be done.
    enum Work: Sendable {
        /// Measure the upload, plan, and make the init segments.
        case probe(VideoOptions)
        /// Make a run of segments of some renditions.
        case encode(media: JSONValue, outline: PresentationOutline, detail: UnitOutline)
        /// Check the stored presentation.
        case finish(PresentationOutline)
    }

    /// Where a segment stands.
    struct Place: Sendable, Hashable {
        let rendition: Int
        let number: Int
    }

    let jobId: String
    let number: Int
    let kind: Kind
    let fence: Int64
    let videoId: String
    let source: Source
    /// Key prefix of everything published, such as "media/VIDEO/".
    let mediaPrefix: String
    let leaseSeconds: Int
    let attempt: Int
    let work: Work
    /// SHA-256, in hex, of the segments of this unit that are committed already.
    let stored: [Place: String]
    /// What the presentation is encrypted with; nil when it is not.
    var contentKey: ContentKey?

    enum Kind: String, Sendable, CaseIterable {
        case probe
        case pictures
        case sound
        case finish
    }

    /// Most memory the work takes, in MiB, as estimated.
    var memoryMebibytes: Int {
        switch work {
        case .probe: 256
        case .encode(_, _, let detail): detail.memoryMebibytes
        case .finish: 64
        }
    }

    /// The cost in seconds of output, a second of 1280×720 at 30 frames per second counting as one. A probe reads every
    /// packet and a check every segment, at disk speed: counted as a second for 16 MiB.
    var effortSeconds: Double {
        switch work {
        case .probe: 1 + Double(source.bytes) / Double(16 << 20)
        case .encode(let media, let outline, let detail):
            WorkPlan(outline: outline, media: media, units: []).effortSeconds(of: detail)
        case .finish(let outline):
            1 + outline.durationSeconds
                * outline.renditions.reduce(0) { $0 + Double($1.declaredPeak) / 8 / Double(16 << 20) }
        }
    }
}

extension LeasedUnit {
    /// Reads the origin's answer; nil when it is not understood.
    init?(json: JSONValue) {
        guard let jobId = json["jobId"]?.string, let number = json["number"]?.integer, (0...1 << 30).contains(number),
            let kind = json["kind"]?.string.flatMap(Kind.init), let fence = json["fence"]?.integer,
            let videoId = json["videoId"]?.string, let source = json["source"].flatMap(Source.init(json:)),
            let prefix = json["mediaPrefix"]?.string, let lease = json["leaseSeconds"]?.integer, lease > 0,
            let work = Work(kind, json), let stored = Self.stored(json["stored"]),
            let contentKey = Self.contentKey(json["contentKey"])
        else { return nil }
        self.init(
            jobId: jobId, number: Int(number), kind: kind, fence: fence, videoId: videoId, source: source,
            mediaPrefix: prefix, leaseSeconds: Int(clamping: lease),
            attempt: Int(clamping: json["attempt"]?.integer ?? 1), work: work, stored: stored,
            contentKey: contentKey)
    }

    /// Nil when there is one and it is none: what must be encrypted is not stored otherwise.
    private static func contentKey(_ json: JSONValue?) -> ContentKey?? {
        guard let json else { return .some(nil) }
        guard let key = json.string.flatMap({ Hex.decode($0) }).flatMap(ContentKey.init) else { return nil }
        return key
    }

    private static func stored(_ json: JSONValue?) -> [Place: String]? {
        var stored: [Place: String] = [:]
        for entry in json?.array ?? [] {
            guard let rendition = entry["rendition"]?.integer, let number = entry["number"]?.integer,
                let hash = entry["sha256"]?.string
            else { return nil }
            stored[Place(rendition: Int(clamping: rendition), number: Int(clamping: number))] = hash
        }
        return stored
    }
}

extension LeasedUnit.Source {
    fileprivate init?(json: JSONValue) {
        guard let bucket = json["bucket"]?.string, let key = json["key"]?.string, let bytes = json["size"]?.integer
        else { return nil }
        self.init(bucket: bucket, key: key, bytes: bytes, etag: json["etag"]?.string ?? "")
    }
}

extension LeasedUnit.Work {
    fileprivate init?(_ kind: LeasedUnit.Kind, _ json: JSONValue) {
        if kind == .probe {
            guard let options = try? VideoOptions(json: json["transcode"] ?? [:]) else { return nil }
            self = .probe(options)
            return
        }
        guard let outline = json["outline"].flatMap(PresentationOutline.init(json:)) else { return nil }
        if kind == .finish {
            self = .finish(outline)
            return
        }
        guard let media = json["media"], let detail = json["detail"].flatMap(UnitOutline.init(json:)),
            detail.kind.rawValue == kind.rawValue, detail.renditions.allSatisfy(outline.renditions.indices.contains)
        else { return nil }
        self = .encode(media: media, outline: outline, detail: detail)
    }
}
