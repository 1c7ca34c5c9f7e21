internal import AV
internal import Glibc
internal import MediaPlan
internal import Presentation

/// Does one unit of work on an upload: looks at it, or encodes a part of it.
///
/// Runs on the calling thread until done, which may take hours; meant for a process of its own.
public enum Transcoder {
    /// Does what `order` says with the file behind `descriptor` (readable, seekable, stays the caller's), and tells `sink`.
    ///
    /// Pictures are encoded with `threads` threads, the caller's among them; everything else has one. The last event is
    /// `finished` or `failed`; throws only what `sink` throws.
    public static func run(
        _ order: TranscodeOrder, descriptor: Int32, threads: Int = 1, sink: any TranscodeSink
    ) throws {
        do {
            var notes = try perform(order, descriptor: descriptor, threads: threads, sink: sink)
            notes.processorMilliseconds = processorMilliseconds()
            try sink.receive(.finished(notes))
        } catch let rejection as MediaRejection {
            try sink.receive(.failed(TranscodeFailure(reason: rejection.reason)))
        } catch let failure as TranscodeFailure {
            try sink.receive(.failed(failure))
        } catch let failure as AVFailure {
            try sink.receive(
                .failed(
                    TranscodeFailure(
                        reason: "This file could not be transcoded.", detail: failure.description, isRetryable: true)))
        }
    }

    private static func perform(
        _ order: TranscodeOrder, descriptor: Int32, threads: Int, sink: any TranscodeSink
    ) throws -> UnitNotes {
        switch order {
        case .probe(let options):
            return try ProbeUnit(options: options, descriptor: descriptor, sink: sink).run()
        case .unit(let unit, let media):
            guard let plan = MediaPlan(json: media) else {
                throw TranscodeFailure(reason: "The plan of this upload cannot be read.")
            }
            return switch unit.kind {
            case .pictures where CopyUnit.isMeant(by: unit, plan: plan):
                try CopyUnit(unit, plan: plan, descriptor: descriptor, sink: sink).run()
            case .pictures:
                try PicturesUnit(unit, plan: plan, descriptor: descriptor, threads: threads, sink: sink).run()
            case .sound: try SoundUnit(unit, plan: plan, descriptor: descriptor, sink: sink).run()
            }
        }
    }

    private static func processorMilliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
