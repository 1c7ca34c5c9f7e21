import Bytes
import HTTPWire

/// A request head must mean the same however its bytes are cut, and what is accepted must be safe to forward.
func fuzzRequestHead(_ bytes: UnsafeRawBufferPointer) {
    var whole = RequestHeadParser()
    let progress = whole.parse(bytes)
    var cut = RequestHeadParser()
    var cutProgress = HeadProgress.needMore
    for count in cuts(of: bytes) where cutProgress == .needMore {
        cutProgress = cut.parse(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
    // Cut bytes may give a refusal earlier and under another name, but never another verdict.
    require(verdict(progress) == verdict(cutProgress), "cutting the bytes changed the verdict")
    guard case .complete(let headBytes) = progress else { return }
    require(progress == cutProgress && headBytes <= bytes.count, "the head's length is wrong")
    require(whole.fields == cut.fields && whole.framing == cut.framing, "cutting the bytes changed the fields")
    check(whole.fields, in: bytes, headBytes: headBytes)
    require(whole.target.end <= headBytes && whole.path.end <= whole.target.end, "the target leaves the head")
    require(whole.query.map { $0.end <= whole.target.end } ?? true, "the query leaves the target")
    checkFraming(whole.fields, in: bytes, chunked: whole.framing == .chunked)
    whole.forEachCookie(in: bytes) { name, _ in
        require(!name.isEmpty, "a cookie without a name")
        return true
    }
    checkForwarding(whole, in: bytes)
}

/// A response head, under the same rules.
func fuzzResponseHead(_ bytes: UnsafeRawBufferPointer) {
    var whole = ResponseHeadParser()
    let progress = whole.parse(bytes)
    var cut = ResponseHeadParser()
    var cutProgress = HeadProgress.needMore
    for count in cuts(of: bytes) where cutProgress == .needMore {
        cutProgress = cut.parse(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
    require(verdict(progress) == verdict(cutProgress), "cutting the bytes changed the verdict")
    guard case .complete(let headBytes) = progress else { return }
    require(whole.status == cut.status && whole.fields == cut.fields, "cutting the bytes changed the head")
    check(whole.fields, in: bytes, headBytes: headBytes)
    checkFraming(whole.fields, in: bytes, chunked: whole.framing(answering: .get) == .chunked)
    let headers = whole.headers(in: bytes)
    require(headers.count == whole.fields.count, "a field was lost")
    require(whole.framing(answering: .head) == .none, "an answer to HEAD has a body")
}

/// Lengths at which a head arrives, chosen by its own bytes; the last is the whole.
private func cuts(of bytes: UnsafeRawBufferPointer) -> [Int] {
    var cuts: [Int] = []
    var position = 0
    while position < bytes.count {
        cuts.append(position)
        position += 1 + Int(bytes[position] & 31)
    }
    return cuts + [bytes.count]
}

private func verdict(_ progress: HeadProgress) -> Int {
    switch progress {
    case .needMore: 0
    case .complete: 1
    case .refused: 2
    }
}

private func check(_ fields: [HeadField], in bytes: UnsafeRawBufferPointer, headBytes: Int) {
    for field in fields {
        require(field.name.end < headBytes && field.value.end < headBytes, "a field leaves the head")
        require(HTTPToken.isToken(field.name.bytes(in: bytes)), "a name is no token")
        require(field.value.bytes(in: bytes).allSatisfy(HTTPToken.isFieldContent), "a value holds a control character")
    }
}

private func checkFraming(_ fields: [HeadField], in bytes: UnsafeRawBufferPointer, chunked: Bool) {
    let lengths = fields.count { ASCII.equalsIgnoringCase($0.name.bytes(in: bytes), "content-length") }
    let codings = fields.count { ASCII.equalsIgnoringCase($0.name.bytes(in: bytes), "transfer-encoding") }
    require(lengths + codings <= 1, "two framings were accepted")
    require(codings == 1 || !chunked, "chunked without being told")
}

/// What was accepted, written out again, must be understood the same way.
private func checkForwarding(_ parser: RequestHeadParser, in bytes: UnsafeRawBufferPointer) {
    var writer = HeadWriter()
    guard writer.requestLine(parser.method, target: parser.target.string(in: bytes)) else {
        require(parser.minorVersion < 0, "an accepted request line cannot be written")
        return
    }
    for field in parser.fields {
        require(writer.field(field.name.bytes(in: bytes), field.value.bytes(in: bytes)), "a field cannot be written")
    }
    writer.end()
    var again = RequestHeadParser()
    let limits = HeadLimits(maximumHeadBytes: 65_536)
    guard parser.minorVersion == 1 else { return }
    let progress = again.parse(writer.buffer.readable, limits: limits)
    require(progress == .complete(headBytes: writer.buffer.count), "what was written is not understood")
    require(
        again.framing == parser.framing && again.keepAlive == parser.keepAlive, "what was written means another thing")
    require(again.fields.count == parser.fields.count, "what was written has other fields")
}
