import Bytes
import HTTPWire

/// A chunked body must decode to the same data however its bytes are cut.
func fuzzChunked(_ bytes: UnsafeRawBufferPointer) {
    let whole = decode(bytes, pieces: bytes.count)
    for size in [1, 3, 16] {
        let cut = decode(bytes, pieces: size)
        require(cut.data == whole.data && cut.end == whole.end, "cutting the bytes changed the body")
    }
    require(whole.data.count <= bytes.count, "more data than bytes")
}

private enum End: Equatable {
    case open
    case finished(rest: Int)
    case refused
}

private func decode(_ bytes: UnsafeRawBufferPointer, pieces size: Int) -> (data: [UInt8], end: End) {
    var decoder = ChunkedDecoder()
    var data: [UInt8] = []
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + size)
        var offset = start
        feeding: while offset < end {
            switch decoder.next(UnsafeRawBufferPointer(rebasing: bytes[offset..<end])) {
            case .needMore: break feeding
            case .data(let range, let consumed):
                require(!range.isEmpty && range.upperBound == consumed, "an empty or misplaced run of data")
                data.append(contentsOf: bytes[(offset + range.lowerBound)..<(offset + range.upperBound)])
                offset += consumed
            case .finished(let consumed):
                return (data, .finished(rest: bytes.count - offset - consumed))
            case .refused: return (data, .refused)
            }
        }
        start = end
    }
    return (data, .open)
}
