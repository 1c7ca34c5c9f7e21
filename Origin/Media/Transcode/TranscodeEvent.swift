public import Presentation

/// What a unit of work says, in order, `finished` or `failed` last: a probe `planned` and one `initialization` per
/// rendition, all others segments and progress mixed.
///
/// Segments of one rendition come in order; number *n* of every rendition starts at the same time. Events are the only thing
/// that leaves the jailed process, see `TranscodeEvent+Wire`.
public enum TranscodeEvent: Sendable, Equatable {
    /// What will be produced, and in which units.
    case planned(WorkPlan)
    /// The init segment of rendition `rendition` (index in the outline).
    case initialization(rendition: Int, bytes: [UInt8])
    /// Segment `number`, from 1, of a rendition, with its presentation duration and the parts that are played one by one.
    case segment(
        rendition: Int, number: Int, durationMicroseconds: Int64, bytes: [UInt8],
        fragments: [StoredSegment.Fragment] = [])
    /// Done of this unit so far, 0 to 1.
    case progress(Double)
    /// Everything was produced.
    case finished(UnitNotes)
    /// Nothing more will come.
    case failed(TranscodeFailure)
}

/// Why a transcode ended without a result.
public struct TranscodeFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// For the upload's owner.
    public var reason: String
    /// For the operator; may be empty.
    public var detail: String
    /// Whether another attempt may succeed: false when the upload itself is at fault.
    public var isRetryable: Bool

    /// Describes a failure.
    public init(reason: String, detail: String = "", isRetryable: Bool = false) {
        self.reason = reason
        self.detail = detail
        self.isRetryable = isRetryable
    }

    /// Reason and detail, for logs.
    public var description: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
}

/// Takes events where they are produced; a throw stops the transcode.
public protocol TranscodeSink: AnyObject {
    /// Called in order, on the transcoding thread.
    func receive(_ event: TranscodeEvent) throws
}
