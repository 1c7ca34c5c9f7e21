internal import AV
internal import CMAF
internal import MediaPlan

/// Frames that are the upload's own, as they are coded.
///
/// A frame that the decoder cannot use is replaced by silence, as a player of the upload would hear it.
final class CopiedSound: SoundFrames {
    private let copy: SoundCopy
    private let silence: [UInt8]
    private var seen = 0

    /// Throws `TranscodeFailure` when the plan holds something else.
    init(_ copy: SoundCopy, channels: Int) throws {
        guard let silence = AACSilence.frame(channels: channels) else {
            throw TranscodeFailure(reason: "The plan copies sound that cannot be copied.")
        }
        self.copy = copy
        self.silence = silence
    }

    /// Only measured, by others.
    func hear(_ picture: Picture, _ body: ([UInt8]) throws -> Void) {}

    func take(_ packet: Packet, isBroken: Bool, _ body: ([UInt8]) throws -> Void) throws {
        let number = seen - copy.firstFrame
        seen += 1
        guard (0..<copy.frames).contains(number) else { return }
        if number == 0 {
            for _ in 0..<copy.silentFrames { try body(silence) }
        }
        try body(isBroken ? silence : packet.bytes)
    }

    func finish(while isMissing: () -> Bool, _ body: ([UInt8]) throws -> Void) throws {
        guard isMissing() else { return }
        guard seen - copy.firstFrame >= copy.frames else {
            throw TranscodeFailure(
                reason: "The sound of this file is no longer what it was when it was looked at.",
                detail: "\(seen) of \(copy.firstFrame + copy.frames) frames are there", isRetryable: true)
        }
        while isMissing() { try body(silence) }
    }
}
