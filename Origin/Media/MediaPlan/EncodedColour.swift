/// Colour codes of an encoded stream, ITU-T H.273, always of limited range.
public struct EncodedColour: Sendable, Equatable {
    /// Colour primaries.
    public let primaries: Int
    /// Transfer characteristics.
    public let transfer: Int
    /// Matrix coefficients.
    public let matrix: Int

    /// Limited-range colour with these codes.
    public init(primaries: Int, transfer: Int, matrix: Int) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
    }
}

/// Which colours come out.
///
/// Standard-definition matrices are kept, since converting them buys nothing; everything else becomes BT.709. Unmarked
/// sources are taken for what their size suggests, and the output is always marked.
public struct ColourPlan: Sendable, Equatable {
    /// ITU-T H.273 matrix coefficients that the pictures are decoded with; nil for RGB.
    public var sourceMatrix: Int?
    /// Light coding of the source.
    public var transfer: ProbedVideo.Transfer
    /// Colours of the output.
    public var encoded: EncodedColour

    /// BT.709, BT.470BG (625 lines), SMPTE 170M (525 lines) and BT.2020.
    static let knownMatrices = [1, 5, 6, 9]

    /// States a plan.
    public init(sourceMatrix: Int?, transfer: ProbedVideo.Transfer, encoded: EncodedColour) {
        self.sourceMatrix = sourceMatrix
        self.transfer = transfer
        self.encoded = encoded
    }

    init(for source: ProbedVideo) {
        let isHigh = source.width > 1024 || source.height >= 720
        let marked = Self.knownMatrices.contains(source.colour.matrix) ? source.colour.matrix : isHigh ? 1 : 6
        sourceMatrix = source.colour.isRGB ? nil : marked
        transfer = source.transfer
        let keeps = source.transfer == .sdr && !source.colour.isRGB && marked != 9
        let matrix = keeps ? marked : 1
        encoded = EncodedColour(primaries: matrix, transfer: matrix == 6 ? 6 : 1, matrix: matrix)
    }
}
