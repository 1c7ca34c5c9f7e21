internal import Bytes
public import Catalog
internal import HTTPWire
internal import Jobs

/// One size of a video as a file to keep.
public struct Download: Sendable, Equatable {
    /// Lines of the short side, such as 720.
    public let height: Int
    /// Bytes.
    public let bytes: Int64
    /// The object's key, which is its path at the edge without the first slash.
    public let key: String

    /// The key under which a size of a video lies.
    static func key(videoId: String, height: Int) -> String { "\(folder(of: videoId))\(height)p.mp4" }

    private static func folder(of videoId: String) -> String { PublishedMedia.folder(of: videoId) + "download/" }

    /// The downloads of a video that there are, lowest first.
    public static func list(
        videoId: String, bucket: String, in reader: any CatalogReader
    ) throws -> [Download] {
        let folder = folder(of: videoId)
        // No ladder has as many sizes.
        return try reader.objects(bucket: bucket, prefix: folder, from: "", limit: 64)
            .compactMap { object -> Download? in
                guard object.key.hasSuffix("p.mp4"),
                    let height = ASCII.parseDecimal(String(object.key.dropFirst(folder.count).dropLast("p.mp4".count)))
                else { return nil }
                return Download(height: Int(clamping: height), bytes: object.size, key: object.key)
            }
            .sorted { $0.height < $1.height }
    }
}

/// What a browser calls the file (RFC 6266).
struct DownloadName {
    private static let longest = 100

    private let name: String

    /// Named after the video's title: what file systems do not take becomes a hyphen.
    init(title: String, height: Int) {
        let reserved = Set<Unicode.Scalar>(["/", "\\", ":", "*", "?", "\"", "<", ">", "|"])
        var scalars = title.unicodeScalars.prefix(Self.longest).map { scalar in
            reserved.contains(scalar) || scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) ? "-" : scalar
        }[...]
        while let first = scalars.first, first == "." || first == " " { scalars.removeFirst() }
        while let last = scalars.last, last == "." || last == " " { scalars.removeLast() }
        let plain = String(String.UnicodeScalarView(scalars))
        name = (plain.isEmpty ? "video" : plain) + " (\(height)p).mp4"
    }

    /// The header field, with a name in ASCII for clients that know no other.
    var contentDisposition: String {
        let plain = String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.isASCII && $0 != "%" && $0 != "\"" && $0 != "\\" ? $0 : "_" }))
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(PercentEncoding.encode(name))"
    }
}
