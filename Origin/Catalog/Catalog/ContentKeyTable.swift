/// Reads the keys of encrypted videos, as they were sealed by whoever stores them.
public protocol ContentKeyReader {
    /// The sealed key of a video; nil when it is not encrypted.
    func sealedContentKey(videoId: String) throws -> [UInt8]?
}

/// Changes the keys of encrypted videos.
public protocol ContentKeyWriter {
    /// Stores the sealed key of a video in place of an earlier one; nil takes it away.
    func store(sealedContentKey: [UInt8]?, videoId: String) throws
}

/// The table of the keys of encrypted videos.
enum ContentKeySchema {
    static let tables = """
        CREATE TABLE content_keys (
            video_id TEXT PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE, sealed_key BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
