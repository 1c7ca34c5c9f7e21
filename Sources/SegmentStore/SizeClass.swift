/// Which environment a piece of a body lives in.
///
/// Every value of an environment occupies the same run of pages, so every freed run fits the next value and the file
/// neither fragments nor grows.
enum SizeClass: Int, CaseIterable, Sendable {
    case pages4, pages8, pages16, pages32, pages64

    /// LMDB's page, and what its header takes of the first page of a run.
    static let pageBytes = 4_096
    static let pageHeaderBytes = 16

    /// The body of a whole chunk: 64 pages less one page header.
    static let chunkBytes = 262_128

    /// Pages of one value.
    var pages: Int { 4 << rawValue }

    /// Bytes of one value.
    var valueBytes: Int { pages * SizeClass.pageBytes - SizeClass.pageHeaderBytes }

    /// File name of the environment.
    var fileName: String { "chunks-\(valueBytes).mdb" }

    /// The class whose value wastes least for a piece of `count` bytes, 1...262,128.
    init(fitting count: Int) {
        precondition(count > 0 && count <= SizeClass.chunkBytes, "a piece holds 1 to 262,128 bytes")
        self = SizeClass.allCases.first { count <= $0.valueBytes } ?? .pages64
    }

    /// Number of pieces of a body; the last one may be short.
    static func chunkCount(ofLength length: Int) -> Int {
        (length + chunkBytes - 1) / chunkBytes
    }

    /// Bytes of piece `index` of a body of `length` bytes.
    static func byteCount(ofChunk index: Int, length: Int) -> Int {
        min(chunkBytes, length - index * chunkBytes)
    }

    /// Class of piece `index` of a body of `length` bytes.
    static func of(chunk index: Int, length: Int) -> SizeClass {
        SizeClass(fitting: byteCount(ofChunk: index, length: length))
    }

    /// Pages a body of `length` bytes occupies in all classes together.
    static func pages(ofLength length: Int) -> Int {
        let whole = length / chunkBytes
        let tail = length % chunkBytes
        return whole * SizeClass.pages64.pages + (tail > 0 ? SizeClass(fitting: tail).pages : 0)
    }

    /// Pieces a body of `length` bytes has in this class.
    func pieces(ofLength length: Int) -> Int {
        let whole = self == .pages64 ? length / SizeClass.chunkBytes : 0
        let tail = length % SizeClass.chunkBytes
        return whole + (tail > 0 && SizeClass(fitting: tail) == self ? 1 : 0)
    }
}
