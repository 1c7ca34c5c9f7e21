internal import MediaPlan

extension ColourPlan {
    /// Matrix options of the scale filter.
    var scaleMatrices: String {
        let input = sourceMatrix.map { "in_color_matrix=\(Self.name(of: $0)):" } ?? ""
        return "\(input)out_color_matrix=\(Self.name(of: encoded.matrix))"
    }

    /// Input options of zscale for wide-range sources.
    var zscaleInput: String {
        "tin=\(transfer == .hlg ? "arib-std-b67" : "smpte2084"):min=2020_ncl:pin=2020"
    }

    /// Whether limited-range pictures keep their values.
    var keepsValues: Bool { transfer == .sdr && sourceMatrix == encoded.matrix }

    static func name(of matrix: Int) -> String {
        switch matrix {
        case 5: "bt470bg"
        case 6: "smpte170m"
        case 9: "bt2020"
        default: "bt709"
        }
    }
}
