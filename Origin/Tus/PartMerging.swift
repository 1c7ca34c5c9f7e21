internal import Catalog

/// Which of the parts that are there new bytes are written together with, so that many small requests do not make as many blobs.
///
/// A part of less than 1 MiB stays as it is only while what comes behind it is at most half as large. So an upload has, besides those of 1 MiB
/// and more, no more than 20 parts, and a request copies less than 2 MiB.
enum PartMerging {
    /// Parts of this size are left alone.
    static let smallBytes: Int64 = 1 << 20
    /// How many bytes of a request are held until it is known that there are as many: more would change nothing.
    static let heldBytes = 512 << 10
    /// How many of the last parts may be smaller than `smallBytes`, and one more.
    static let tailParts = 24

    /// Those of the last parts, the last one first, that `count` bytes are put behind in one part; in order.
    static func joined(_ last: [UploadPart], with count: Int64) -> [UploadPart] {
        var bytes = count
        var joined: [UploadPart] = []
        for part in last {
            guard part.size < smallBytes, part.size < 2 * bytes else { break }
            bytes += part.size
            joined.append(part)
        }
        return joined.reversed()
    }
}
