internal import Glibc
internal import Transcode

extension UnitRun {
    /// Words for a child that died: what a person can do something about first, the signal and its last words as detail.
    static func failure(of exit: ProcessExit, ending: ChildEnded) -> TranscodeFailure {
        var detail = exit.signal != 0 ? "signal \(exit.signal)" : "exit code \(exit.code)"
        if let violation = ending.violation { detail = "protocol: \(violation)" }
        let words = exit.words.split(separator: "\n").suffix(3).joined(separator: " / ")
        if !words.isEmpty { detail += "; \(words)" }
        if ending.violation != nil {
            return TranscodeFailure(
                reason: "Transcoding was stopped because the decoder behaved unexpectedly on this file.", detail: detail
            )
        }
        return switch exit.signal {
        case SIGXCPU:
            TranscodeFailure(
                reason: "This file takes more computing time than one upload may use.", detail: detail)
        case SIGKILL:
            TranscodeFailure(
                reason: "The system ended this transcode, perhaps for lack of memory.", detail: detail,
                isRetryable: true)
        case SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGTRAP, SIGSYS:
            TranscodeFailure(
                reason: "The decoder crashed on this file; it may be damaged or made to do harm.", detail: detail,
                isRetryable: true)
        default:
            TranscodeFailure(reason: "Transcoding stopped unexpectedly.", detail: detail, isRetryable: true)
        }
    }
}
