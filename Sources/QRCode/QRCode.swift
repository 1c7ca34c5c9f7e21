internal import CQREncode

/// A QR code (ISO/IEC 18004) of a text: which modules of a square are dark.
///
/// Error correction level M: a seventh of the symbol may be unreadable. The text is kept as its UTF-8 bytes.
public struct QRCode: Sendable, Equatable {
    /// Light modules that readers need on every side.
    static let quietZone = 4

    /// Modules in a row, and rows; 21 to 177.
    public let side: Int
    private let modules: [Bool]

    /// Encodes `text` in the smallest symbol that holds it.
    ///
    /// - Throws: `QRCodeRefused` for an empty text and one of more than 2,331 bytes.
    public init(_ text: String) throws(QRCodeRefused) {
        let bytes = Array(text.utf8)
        guard let symbol = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else {
            throw QRCodeRefused(bytes: bytes.count)
        }
        defer { QRcode_free(symbol) }
        side = Int(symbol.pointee.width)
        // The lowest bit is the colour; the others say what part of the symbol a module belongs to.
        modules = UnsafeBufferPointer(start: symbol.pointee.data, count: side * side).map { $0 & 1 == 1 }
    }

    /// Whether a module is dark; everything outside of the symbol is light.
    public subscript(row: Int, column: Int) -> Bool {
        let inside = 0..<side
        return inside.contains(row) && inside.contains(column) && modules[row * side + column]
    }

    /// The rows, or columns, of the symbol and of its quiet zone.
    public var extent: Range<Int> { -Self.quietZone..<side + Self.quietZone }
}

/// A text that no QR code holds.
public struct QRCodeRefused: Error, Equatable, CustomStringConvertible {
    /// How long the text is.
    public let bytes: Int

    /// For people.
    public var description: String { "a text of \(bytes) bytes does not fit into a QR code" }
}
