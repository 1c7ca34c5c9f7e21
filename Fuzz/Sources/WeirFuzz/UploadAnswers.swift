import JSON
import ResumableUpload

/// An answer to an upload cuts the file without gap or overlap, and whatever comes of its parts, the transfer ends.
///
/// The first byte says how large the file is, the second what comes of the actions, bit by bit.
func fuzzUploadAnswer(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 2 else { return }
    let (size, luck) = (Int64(bytes[0]) + 1, bytes[1])
    let text = String(decoding: bytes.dropFirst(2), as: UTF8.self)
    let refusal = S3Refusal(text)
    require(refusal.code.utf8.count + refusal.message.utf8.count <= 2 * text.utf8.count, "more was said than was sent")
    guard let json = try? JSONValue.parse(text) else { return }
    if let record = UploadRecord(json: json) {
        require(UploadRecord(json: record.json) == record, "a note is read otherwise than it was written")
    }
    guard let slot = try? UploadSlot(json: json), let ranges = try? slot.ranges(ofSize: size) else { return }
    require(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == size, "the file is not covered")
    require(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }, "parts do not meet")
    guard ranges.count <= 8 else { return }
    guard var transfer = try? Transfer(size: size, slot: slot, parallel: 2) else {
        return require(false, "what can be cut can be sent")
    }
    // Each round ends in a failure of a part or of the completion, and is asked about at most so often.
    let steps = Transfer.attemptsPerPart * (ranges.count + 1) * (Transfer.patience + 2 * ranges.count + 4)
    for step in 0..<steps {
        let action = transfer.next(chance: 0.5)
        guard perform(action, &transfer, slot, isLucky: luck >> UInt8(step % 8) & 1 == 1) else { return }
    }
    require(false, "it never ends")
}

/// Lets an action succeed or fail at once; false when it was the last.
private func perform(_ action: Transfer.Action, _ transfer: inout Transfer, _ slot: UploadSlot, isLucky: Bool) -> Bool {
    let failure = Transfer.Failure(.passing, "")
    switch action {
    case .send(let part, _): isLucky ? transfer.sent(part.number, md5: "m") : transfer.failed(part.number, failure)
    case .digest(let part): isLucky ? transfer.digested(part.number, md5: "m") : transfer.failed(part.number, failure)
    case .ask: isLucky ? transfer.answered(slot) : transfer.askingFailed(failure)
    case .complete: isLucky ? transfer.completed() : transfer.completionFailed(failure)
    case .wait: require(false, "everything ends at once, so nothing is waited for")
    case .finished, .giveUp: return false
    }
    return true
}
