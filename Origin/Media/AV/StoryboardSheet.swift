internal import CFFmpeg
public import MediaPlan

/// Puts small copies of pictures side by side and writes them as one JPEG.
///
/// Confined to one thread.
public final class StoryboardSheet {
    private let width: Int
    private let height: Int
    private let tiles: Int
    private let graph: FilterGraph
    private var sheet: Picture?
    /// Small pictures on the sheet so far.
    public private(set) var count = 0

    /// libav's quantiser from 2 (best) to 31: small pictures at a few kilobytes each.
    private static let quantiser: Int32 = 5

    /// A sheet of `tiles` pictures of `width` by `height`, made from pictures of size `source`.
    public init(
        from source: (width: Int, height: Int), colour: EncodedColour, width: Int, height: Int, tiles: Int
    ) throws(AVFailure) {
        self.width = width
        self.height = height
        self.tiles = tiles
        graph = try FilterGraph(
            pictures: source,
            chain: "scale=w=\(width):h=\(height):flags=area:in_color_matrix=\(ColourPlan.name(of: colour.matrix))"
                + ":out_color_matrix=smpte170m:in_range=tv:out_range=pc,format=pix_fmts=yuvj420p")
    }

    /// Adds a small copy of `picture` behind those that are there; there must be room.
    public func add(_ picture: Picture) throws {
        precondition(count < tiles, "a sheet has room for as many pictures as it was made for")
        let sheet = try sheet ?? Picture.blank(width: width * tiles, height: height)
        self.sheet = sheet
        try graph.filter(picture) { sheet.paste($0, atColumn: width * count) }
        count += 1
    }

    /// The sheet as JPEG, as wide as the pictures that are there, and an empty one instead; nil if there are none.
    public func take() throws -> [UInt8]? {
        guard let sheet, count > 0 else { return nil }
        sheet.frame.pointee.width = Int32(width * count)
        self.sheet = nil
        count = 0
        return try sheet.jpeg(quantiser: Self.quantiser)
    }
}
