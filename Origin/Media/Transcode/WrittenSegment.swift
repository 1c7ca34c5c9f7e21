internal import Presentation

/// A segment of a rendition, complete.
struct WrittenSegment {
    /// From 1, in the whole film.
    let number: Int
    let durationMicroseconds: Int64
    let bytes: [UInt8]
    /// The parts that are played one by one; empty when it is played as a whole.
    var fragments: [StoredSegment.Fragment] = []
}

extension TranscodeSink {
    /// Hands on a segment of `rendition`.
    func receive(_ segment: WrittenSegment, of rendition: Int) throws {
        try receive(
            .segment(
                rendition: rendition, number: segment.number, durationMicroseconds: segment.durationMicroseconds,
                bytes: segment.bytes, fragments: segment.fragments))
    }
}
