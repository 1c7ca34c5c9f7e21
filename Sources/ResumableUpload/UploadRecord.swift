public import JSON

/// What tells a file from another one, and from itself after a change.
public struct FileIdentity: Sendable, Equatable {
    /// The absolute path, without links.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// Nanoseconds of the epoch when its content was changed last.
    public var modifiedNanoseconds: Int64
    /// SHA-256 of the first and the last MiB, in lower-case hex.
    public var digest: String

    /// An identity of the given values.
    public init(path: String, size: Int64, modifiedNanoseconds: Int64, digest: String) {
        self.path = path
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.digest = digest
    }
}

/// The note from which a later command goes on with an upload. It holds no secret: who goes on shows again who they are.
public struct UploadRecord: Sendable, Equatable {
    private static let version: Int64 = 1

    /// The origin, as a base URL.
    public var origin: String
    /// The video that the file becomes.
    public var videoId: String
    /// The file as it was when the upload began.
    public var file: FileIdentity

    /// A record of the given values.
    public init(origin: String, videoId: String, file: FileIdentity) {
        self.origin = origin
        self.videoId = videoId
        self.file = file
    }

    /// Reads a record; nil for anything else, such as one of a later version.
    public init?(json: JSONValue) {
        guard json["version"]?.integer == Self.version, let origin = json["origin"]?.string,
            let videoId = json["videoId"]?.string, Self.isVideoId(videoId), let path = json["file"]?.string,
            let size = json["size"]?.integer, let modified = json["modifiedNanoseconds"]?.integer,
            let digest = json["digest"]?.string
        else { return nil }
        self.init(
            origin: origin, videoId: videoId,
            file: FileIdentity(path: path, size: size, modifiedNanoseconds: modified, digest: digest))
    }

    /// The record as it is written.
    public var json: JSONValue {
        [
            "version": .integer(Self.version), "origin": .string(origin), "videoId": .string(videoId),
            "file": .string(file.path), "size": .integer(file.size),
            "modifiedNanoseconds": .integer(file.modifiedNanoseconds), "digest": .string(file.digest),
        ]
    }

    /// It becomes part of a path.
    private static func isVideoId(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
    }
}
