internal import CFFmpeg
public import MediaPlan

/// Finds the one among some pictures that is most like all of them, and so neither black nor caught in a fade.
///
/// Confined to one thread.
public final class PosterChoice {
    private let size: (width: Int, height: Int)
    private let chain: String
    private var graph: FilterGraph?

    /// libav's quantiser from 2 (best) to 31: a poster is looked at for long.
    private static let quantiser: Int32 = 3

    /// Chooses among at most `count` pictures of `size`.
    public init(among count: Int, size: (width: Int, height: Int), colour: EncodedColour) {
        self.size = size
        // `thumbnail` chooses when it has n pictures, or at the end: one more than ever come leaves it to the end.
        chain =
            "scale=in_color_matrix=\(ColourPlan.name(of: colour.matrix)):in_range=tv:out_range=pc,format=pix_fmts=rgb24"
            + ",thumbnail=n=\(count + 1),scale=out_color_matrix=smpte170m:out_range=pc,format=pix_fmts=yuvj420p"
    }

    /// Takes the next picture.
    public func add(_ picture: Picture) throws {
        let graph = try graph ?? FilterGraph(pictures: size, chain: chain)
        self.graph = graph
        try graph.filter(picture) { _ in }
    }

    /// The choice as JPEG, and a new one from here on; nil if there was none to make.
    public func take() throws -> [UInt8]? {
        guard let graph else { return nil }
        self.graph = nil
        var poster: [UInt8]?
        try graph.filter(nil) { poster = try $0.jpeg(quantiser: Self.quantiser) }
        return poster
    }
}
