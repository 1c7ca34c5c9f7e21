import Bytes
import HTTPServer
import HTTPWire

/// Sends a `multipart/byteranges` body: what stands around the parts from memory, the parts from wherever `open` finds
/// their bytes.
final class MultipartSource: BodySource {
    private let plan: MultipartRanges
    private let open: (ByteRange) -> any BodySource
    /// What stands around the parts and is still to be sent.
    private var framing = GrowableBuffer()
    /// The part whose framing has been written.
    private var part: (any BodySource)?
    private var next = 0

    init(_ plan: MultipartRanges, open: @escaping (ByteRange) -> any BodySource) {
        self.plan = plan
        self.open = open
    }

    func produceOnLoop(into writer: borrowing BodyWriter) -> Production {
        while true {
            while !framing.isEmpty {
                let offered = framing.count
                let accepted = writer.write(framing.readable)
                framing.consume(accepted)
                if accepted < offered { return .more }
            }
            if let part {
                let production = part.produceOnLoop(into: writer)
                guard production == .finished else { return production }
                self.part = nil
            }
            if next < plan.ranges.count {
                plan.writeStart(ofPart: next, to: &framing)
                part = open(plan.ranges[next])
            } else if next == plan.ranges.count {
                plan.writeEnd(to: &framing)
            } else {
                return .finished
            }
            next += 1
        }
    }

    func cancelledOnLoop() {
        part?.cancelledOnLoop()
        part = nil
    }
}
