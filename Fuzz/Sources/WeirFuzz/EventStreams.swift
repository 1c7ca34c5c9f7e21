import UploadView

/// A stream of events means the same wherever it is cut, and holds no more than it was given.
///
/// The first byte says where it is cut.
func fuzzEventStream(_ bytes: UnsafeRawBufferPointer) {
    guard let cut = bytes.first.map(Int.init) else { return }
    let stream = Array(bytes.dropFirst())
    var (whole, pieces) = (EventStreamReader(), EventStreamReader())
    guard let expected = try? whole.read(stream) else {
        return require(stream.count > 1 << 20, "a small event is refused")
    }
    let middle = min(cut, stream.count)
    let events =
        ((try? pieces.read(Array(stream[..<middle]))) ?? []) + ((try? pieces.read(Array(stream[middle...]))) ?? [])
    require(events == expected, "a cut changes what is read")
    let length = expected.reduce(0) { $0 + $1.data.unicodeScalars.count }
    require(length <= stream.count, "more data than was sent")
    require(expected.allSatisfy { !$0.name.isEmpty }, "an event without a name")
}
