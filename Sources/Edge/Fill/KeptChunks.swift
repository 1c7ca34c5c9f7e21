import SegmentStore

/// The committed part of an object that the store will not have whole: as long as this lives, it can be read.
final class KeptChunks: @unchecked Sendable {
    // Sendable: the filling loop gives the writer up when it puts it here, and letting go of it only queues an abort.
    private let writer: ObjectWriter

    init(_ writer: ObjectWriter) {
        self.writer = writer
    }
}
