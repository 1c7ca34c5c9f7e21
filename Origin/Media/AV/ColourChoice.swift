internal import CFFmpeg

/// Colour codes of an encoded stream, ITU-T H.273.
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
struct ColourChoice {
    let encoded: EncodedColour
    /// Matrix options of the scale filter.
    let scaleMatrices: String
    /// Input options of zscale for wide-range sources.
    let zscaleInput: String

    init(decoder: Decoder, toneMaps: Bool) {
        let context = decoder.context.pointee
        let isRGB = Self.isRGB(context.pix_fmt)
        let isHigh = context.width > 1024 || context.height >= 720
        let matrix: (name: String, code: AVColorSpace)
        switch context.colorspace {
        case AVCOL_SPC_BT709: matrix = ("bt709", AVCOL_SPC_BT709)
        case AVCOL_SPC_SMPTE170M: matrix = ("smpte170m", AVCOL_SPC_SMPTE170M)
        case AVCOL_SPC_BT470BG: matrix = ("bt470bg", AVCOL_SPC_BT470BG)
        case AVCOL_SPC_BT2020_NCL: matrix = ("bt2020nc", AVCOL_SPC_BT2020_NCL)
        default: matrix = isHigh ? ("bt709", AVCOL_SPC_BT709) : ("smpte170m", AVCOL_SPC_SMPTE170M)
        }
        let keeps = !toneMaps && !isRGB && matrix.code != AVCOL_SPC_BT2020_NCL
        let output = keeps ? matrix : ("bt709", AVCOL_SPC_BT709)
        let input = isRGB ? "" : "in_color_matrix=\(matrix.name == "bt2020nc" ? "bt2020" : matrix.name):"
        scaleMatrices = "\(input)out_color_matrix=\(output.0)"
        let transfer = context.color_trc == AVCOL_TRC_ARIB_STD_B67 ? "arib-std-b67" : "smpte2084"
        zscaleInput = "tin=\(transfer):min=2020_ncl:pin=2020"
        let isStandard = output.1 == AVCOL_SPC_SMPTE170M || output.1 == AVCOL_SPC_BT470BG
        encoded = EncodedColour(
            primaries: output.1 == AVCOL_SPC_SMPTE170M ? 6 : isStandard ? 5 : 1,
            transfer: output.1 == AVCOL_SPC_SMPTE170M ? 6 : 1, matrix: Int(output.1.rawValue))
    }

    private static func isRGB(_ format: AVPixelFormat) -> Bool {
        guard let descriptor = av_pix_fmt_desc_get(format) else { return false }
        return descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
    }
}
