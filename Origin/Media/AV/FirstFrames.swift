internal import CFFmpeg
public import MediaPlan

/// What the first frames of the pictures are like once they are decoded; containers are often silent or wrong about it.
public struct FirstFrames: Sendable, Equatable {
    /// Frames that were decoded.
    public private(set) var count = 0
    /// Those of them that hold two fields.
    public private(set) var interlaced = 0

    private static let wanted = 8
    private static let maximumPackets = 2000

    /// Decodes the first frames of stream `index` of a source of which nothing was read yet.
    ///
    /// Gives up after 2000 packets; throws `MediaRejection` if the file ends and not one frame could be decoded.
    public init(of source: MediaSource, streamIndex index: Int, limits: MediaPlan.Limits) throws {
        source.select(streams: [index])
        let decoder = try Decoder(
            source: source, streamIndex: index, maximumPixels: limits.maximumPixels, origin: 0)
        let packet = try Packet()
        var packets = 0
        while count < Self.wanted, packets < Self.maximumPackets {
            packets += 1
            let isThere = source.read(into: packet)
            try decoder.decode(isThere ? packet : nil) { picture, _ in
                count += 1
                if picture.frame.pointee.interlaced_frame != 0 { interlaced += 1 }
            }
            if !isThere { break }
        }
        guard count > 0 || packets == Self.maximumPackets else {
            throw MediaRejection("Not one frame of this file's pictures could be decoded: it is damaged or incomplete.")
        }
    }

    /// Whether most of them hold two fields; nil if there are none.
    public var isInterlaced: Bool? { count > 0 ? interlaced * 2 > count : nil }
}
