import Bytes
import HTTPWire

/// A chunked body must decode to the same data and trailers however its bytes are cut, and no trailer may be one that
/// belongs into the head.
func fuzzChunked(_ bytes: UnsafeRawBufferPointer) {
    let whole = decode(bytes, pieces: bytes.count)
    for size in [1, 3, 16] {
        let cut = decode(bytes, pieces: size)
        require(cut.data == whole.data && cut.end == whole.end, "cutting the bytes changed the body")
        require(cut.trailers == whole.trailers, "cutting the bytes changed the trailers")
    }
    require(whole.trailers.count <= Trailers.maximumBytes, "more trailers than allowed")
    let fields = Trailers.fields(ofSection: whole.trailers)
    require(fields.count <= Trailers.maximumFields, "more trailer fields than allowed")
    for field in fields {
        require(Trailers.mayHold(field.name), "a trailer that belongs into the head")
        require(!field.value.utf8.contains(0x0a) && !field.value.utf8.contains(0x0d), "a trailer with a line break")
    }
    require(whole.data.count <= bytes.count, "more data than bytes")
}

private enum End: Equatable {
    case open
    case finished(rest: Int)
    case refused
}

private func decode(_ bytes: UnsafeRawBufferPointer, pieces size: Int) -> (data: [UInt8], trailers: [UInt8], end: End) {
    var decoder = ChunkedDecoder(keepsTrailers: true)
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
                return (data, decoder.trailerSection, .finished(rest: bytes.count - offset - consumed))
            case .refused: return (data, [], .refused)
            }
        }
        start = end
    }
    return (data, decoder.trailerSection, .open)
}
