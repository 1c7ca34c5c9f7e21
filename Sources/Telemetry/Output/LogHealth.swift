/// What the operator is to know of a log, said once when it begins and once when it ends.
public enum LogEvent: Sendable, Equatable {
    /// Lines cannot be written for now; they wait as long as there is room.
    case failing(String)
    /// Lines are written again.
    case recovered
    /// There is no room for lines.
    case dropping
    /// There is room again; so many lines are lost.
    case dropped(Int)
}

/// Decides what is said of a log.
///
///     well ─failed→ failing ─written→ well          keeping ─lines dropped→ dropping ─all written→ keeping
struct LogHealth: Equatable {
    private var isFailing = false
    private var isDropping = false
    private var reported = 0

    mutating func failed(_ reason: String) -> LogEvent? {
        if isFailing { return nil }
        isFailing = true
        return .failing(reason)
    }

    /// Everything that waited is written.
    mutating func caughtUp() -> LogEvent? {
        guard isFailing else { return nil }
        isFailing = false
        return .recovered
    }

    /// So many lines have been dropped since the start.
    mutating func counted(dropped: Int, isCaughtUp: Bool) -> LogEvent? {
        if dropped > reported, isCaughtUp {
            defer {
                reported = dropped
                isDropping = false
            }
            return .dropped(dropped - reported)
        }
        if dropped > reported, !isDropping {
            isDropping = true
            return .dropping
        }
        return nil
    }
}
