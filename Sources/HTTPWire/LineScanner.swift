internal import Bytes

/// Finds the lines of a head as its bytes arrive, looking at each byte once however they are cut.
struct LineScanner: Sendable {
    /// What the next line is.
    enum Line {
        /// No complete line yet.
        case needMore
        /// The line without its CR LF.
        case line(from: Int, to: Int)
        /// The line ended in a way other than CR LF.
        case bareLineBreak
    }

    private(set) var lineStart = 0
    private var scanned = 0

    /// The next line; after `.line` the scanner stands behind it.
    mutating func next(_ bytes: UnsafeRawBufferPointer) -> Line {
        guard let feed = ByteSearch.firstIndex(of: 0x0a, in: bytes, from: scanned) else {
            scanned = max(scanned, bytes.count)
            return .needMore
        }
        let start = lineStart
        scanned = feed + 1
        lineStart = feed + 1
        guard feed > start, bytes[feed - 1] == 0x0d else { return .bareLineBreak }
        return .line(from: start, to: feed - 1)
    }
}
