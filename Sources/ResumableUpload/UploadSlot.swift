public import JSON

/// Where a file goes, as the origin's upload calls answer.
public struct UploadSlot: Sendable, Equatable {
    /// The way of a large file.
    public struct Multipart: Sendable, Equatable {
        /// A part's place.
        public struct Part: Sendable, Equatable {
            /// Where it is PUT.
            public var url: String
            /// The MD5 of what is there already, in lower-case hex.
            public var storedMD5: String?
        }

        /// Bytes of every part but the last.
        public var partBytes: Int64
        /// The parts in order, the first of them number 1.
        public var parts: [Part]
        /// Where the list of all parts is POSTed.
        public var completeURL: String
    }

    /// An answer that lacks what it must have, in words.
    public struct Incomplete: Error, Sendable, Equatable, CustomStringConvertible {
        /// One line.
        public let description: String
    }

    /// The video that the file becomes.
    public var videoId: String
    /// Where the file is PUT at once.
    public var url: String
    /// Header fields of that PUT.
    public var headers: [String: String]
    /// How it is sent in parts instead; nil of a small file.
    public var multipart: Multipart?

    /// How a file of `size` bytes, one at least, is cut: the ranges of its parts in order.
    public func ranges(ofSize size: Int64) throws(Incomplete) -> [Range<Int64>] {
        guard let multipart else { return [0..<size] }
        let partBytes = multipart.partBytes
        let count = (size - 1) / partBytes + 1
        guard count == multipart.parts.count else {
            throw Incomplete(
                description: "the origin has cut the file into \(multipart.parts.count) parts and not into \(count)")
        }
        return (0..<count).map { index in
            let start = index * partBytes
            return start..<(partBytes < size - start ? start + partBytes : size)
        }
    }
}

extension UploadSlot {
    /// Reads an answer.
    public init(json: JSONValue) throws(Incomplete) {
        guard let videoId = json["videoId"]?.string, let url = json["url"]?.string else {
            throw Incomplete(description: "the answer to the upload has no videoId or no url; is the origin older?")
        }
        self.videoId = videoId
        self.url = url
        headers = [:]
        for member in json["headers"]?.object?.members ?? [] { headers[member.key] = member.value.string }
        multipart = try json["multipart"].map(Multipart.init(json:))
    }
}

extension UploadSlot.Multipart {
    init(json: JSONValue) throws(UploadSlot.Incomplete) {
        guard let partBytes = json["partSize"]?.integer, partBytes > 0,
            let completeURL = json["completeUrl"]?.string, let items = json["parts"]?.array
        else {
            throw UploadSlot.Incomplete(description: "the upload in parts has no partSize, parts or completeUrl")
        }
        self.partBytes = partBytes
        self.completeURL = completeURL
        parts = []
        for item in items {
            guard item["partNumber"]?.integer == Int64(parts.count + 1), let url = item["url"]?.string else {
                throw UploadSlot.Incomplete(description: "part \(parts.count + 1) is not where it should be")
            }
            let tag = item["etag"]?.string.map { $0.filter { $0 != "\"" } }
            parts.append(UploadSlot.Multipart.Part(url: url, storedMD5: tag))
        }
    }
}
