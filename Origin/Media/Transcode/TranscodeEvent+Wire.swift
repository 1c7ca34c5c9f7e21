internal import JSON
internal import Presentation

/// The pipe between the jailed process and its parent.
///
/// A frame is two big-endian 32-bit lengths (of header and of body), a JSON header whose `event` names the case, and the
/// body: the bytes of an init or media segment, the text of a plan, else empty. The reader trusts nothing: lengths are bounded, headers are
/// parsed strictly, and any violation ends the conversation.
extension TranscodeEvent {
    /// The event as one frame.
    public var encoded: [UInt8] {
        let (header, body) = parts
        let text = JSONValue.object(header).serialized()
        var frame: [UInt8] = []
        frame.reserveCapacity(8 + text.count + body.count)
        for length in [UInt32(text.count), UInt32(body.count)] {
            for shift in [24, 16, 8, 0] as [UInt32] { frame.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
        frame += text
        frame += body
        return frame
    }

    private var parts: (JSONObject, [UInt8]) {
        switch self {
        case .planned(let plan):
            (["event": "planned"], plan.json.serialized())
        case .initialization(let rendition, let bytes):
            (["event": "initialization", "rendition": .integer(Int64(rendition))], bytes)
        case .segment(let rendition, let number, let duration, let bytes, let fragments):
            (
                [
                    "event": "segment", "rendition": .integer(Int64(rendition)), "number": .integer(Int64(number)),
                    "durationMicroseconds": .integer(duration), "fragments": StoredSegment.Fragment.json(fragments),
                ], bytes
            )
        case .progress(let fraction):
            (["event": "progress", "thousandths": .integer(Int64(max(0, min(1, fraction)) * 1000))], [])
        case .finished(let notes):
            (["event": "finished", "notes": notes.json], [])
        case .failed(let failure):
            (
                [
                    "event": "failed", "reason": .string(failure.reason), "detail": .string(failure.detail),
                    "retryable": .bool(failure.isRetryable),
                ], []
            )
        }
    }

    init?(header: JSONValue, body: [UInt8]) {
        switch header["event"]?.string {
        case "planned":
            guard let json = try? JSONValue.parse(body, limits: TranscodeOrder.limits),
                let plan = WorkPlan(json: json)
            else { return nil }
            self = .planned(plan)
        case "initialization":
            guard let rendition = header["rendition"]?.small else { return nil }
            self = .initialization(rendition: rendition, bytes: body)
        case "segment":
            guard let rendition = header["rendition"]?.small, let number = header["number"]?.small, number >= 1,
                let duration = header["durationMicroseconds"]?.integer,
                (1...StoredSegment.maximumMicroseconds).contains(duration),
                let fragments = header["fragments"].flatMap(StoredSegment.Fragment.list(json:))
            else { return nil }
            self = .segment(
                rendition: rendition, number: number, durationMicroseconds: duration, bytes: body,
                fragments: fragments)
        case "progress":
            guard let thousandths = header["thousandths"]?.small, thousandths <= 1000 else { return nil }
            self = .progress(Double(thousandths) / 1000)
        case "finished":
            guard let notes = header["notes"].flatMap(UnitNotes.init(json:)) else { return nil }
            self = .finished(notes)
        case "failed":
            guard let reason = header["reason"]?.string, let detail = header["detail"]?.string,
                let retryable = header["retryable"]?.bool
            else { return nil }
            self = .failed(TranscodeFailure(reason: reason, detail: detail, isRetryable: retryable))
        default:
            return nil
        }
    }
}

extension JSONValue {
    /// A count or index: 0 to 10 million.
    fileprivate var small: Int? {
        guard let integer, (0...10_000_000).contains(integer) else { return nil }
        return Int(integer)
    }
}
