import S3Wire

/// An aws-chunked body must decode to the same data, signatures and trailers however its bytes are cut; the first byte
/// chooses what is announced of it.
func fuzzAWSChunked(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let framings = AWSChunkedDecoder.Framing.allCases
    let framing = framings[Int(first) % framings.count]
    let body = Array(bytes.dropFirst())
    let whole = decode(framing, body, pieces: max(body.count, 1))
    for size in [1, 3, 16] {
        let cut = decode(framing, body, pieces: size)
        require(cut.isWhole == whole.isWhole, "cutting the bytes changed whether the body is whole")
        guard whole.isWhole else { continue }
        require(cut.data == whole.data && cut.proofs == whole.proofs, "cutting the bytes changed the body")
        require(cut.trailers == whole.trailers, "cutting the bytes changed the trailers")
    }
    require(whole.data.count <= body.count, "more data than bytes")
    if whole.isWhole { require(framing.isSigned != whole.proofs.isEmpty, "signatures other than announced") }
}

private struct Decoded {
    var data: [UInt8] = []
    var proofs: [AWSChunkedDecoder.Event] = []
    var trailers: [String] = []
    var isWhole = false
}

private func decode(_ framing: AWSChunkedDecoder.Framing, _ body: [UInt8], pieces size: Int) -> Decoded {
    var decoder = AWSChunkedDecoder(framing)
    var result = Decoded()
    for start in stride(from: 0, to: body.count, by: size) {
        guard let events = try? decoder.decode(Array(body[start..<min(start + size, body.count)])) else {
            return result
        }
        for event in events {
            if case .data(let piece) = event { result.data += piece } else { result.proofs.append(event) }
        }
    }
    result.isWhole = decoder.isFinished
    result.trailers = decoder.trailers.map { "\($0.name):\($0.value)" }
    return result
}
