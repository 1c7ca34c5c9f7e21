/// Counts what a client sends that costs us more than it costs the client, and says when it is too much.
///
/// A plain value: the clock comes in as an argument.
struct FrameBudget {
    /// Which budget was broken.
    enum Excess: String, CaseIterable {
        case resets = "stream resets"
        case settings = "SETTINGS frames"
        case pings = "PING frames"
        case priorities = "PRIORITY frames"
        case emptyData = "empty DATA frames"
        case windowUpdates = "WINDOW_UPDATE frames"
        case unknownFrames = "frames of unknown types"
        case continuations = "CONTINUATION frames"
        case headerBytes = "bytes of one header block"
        case controlFrames = "unread control frames"
    }

    private let limits: HTTP2Limits
    private var windowStart: UInt64 = 0
    private var counts = [Int](repeating: 0, count: 7)
    /// Body bytes sent for which no window update has been counted yet.
    private var sentBytes = 0
    private static let largestCredit = 1 << 26
    private var blockFrames = 0
    private var blockBytes = 0

    init(_ limits: HTTP2Limits) {
        self.limits = limits
    }

    /// Counts a frame that is about to be read; nil if it may be.
    mutating func received(_ frame: FrameHeader, at now: UInt64) -> Excess? {
        switch frame.type {
        case FrameType.headers:
            blockFrames = 0
            blockBytes = frame.length
            return blockBytes > limits.headBytes * 2 ? .headerBytes : nil
        case FrameType.continuation:
            blockFrames += 1
            blockBytes += frame.length
            if blockFrames > limits.continuations { return .continuations }
            return blockBytes > limits.headBytes * 2 ? .headerBytes : nil
        case FrameType.data:
            if frame.length > 0 || frame.has(FrameFlag.endStream) { return nil }
            return count(4, upTo: limits.emptyData, at: now) ? nil : .emptyData
        case FrameType.reset: return reset(at: now)
        case FrameType.settings: return count(1, upTo: limits.settings, at: now) ? nil : .settings
        case FrameType.ping: return count(2, upTo: limits.pings, at: now) ? nil : .pings
        case FrameType.priority, FrameType.priorityUpdate:
            return count(3, upTo: limits.priorities, at: now) ? nil : .priorities
        case FrameType.windowUpdate: return windowUpdate(at: now)
        case FrameType.goAway, FrameType.pushPromise: return nil
        default: return count(6, upTo: limits.unknownFrames, at: now) ? nil : .unknownFrames
        }
    }

    /// A stream was reset, by the client or by us because of what the client did.
    mutating func reset(at now: UInt64) -> Excess? {
        count(0, upTo: limits.resets, at: now) ? nil : .resets
    }

    /// Body bytes went out, for which the client may open its windows again.
    mutating func sent(_ bytes: Int) {
        sentBytes = min(sentBytes + bytes, Self.largestCredit)
    }

    private mutating func windowUpdate(at now: UInt64) -> Excess? {
        if sentBytes >= 1_024 {
            sentBytes -= 1_024
            return nil
        }
        return count(5, upTo: limits.windowUpdates, at: now) ? nil : .windowUpdates
    }

    private mutating func count(_ index: Int, upTo limit: Int, at now: UInt64) -> Bool {
        if now &- windowStart >= limits.windowNanoseconds {
            windowStart = now
            for index in counts.indices { counts[index] = 0 }
        }
        counts[index] += 1
        return counts[index] <= limit
    }
}
