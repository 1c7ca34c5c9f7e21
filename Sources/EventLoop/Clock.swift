internal import Glibc

/// Time that never jumps, for timeouts and durations.
///
/// Callable from any thread; about 20 ns.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary start (`CLOCK_MONOTONIC`).
    public static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// The date, which may jump when the machine's clock is set.
///
/// Callable from any thread; about 20 ns.
public enum WallClock {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public static func epochSeconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds, at least 0 and saturated at about 292 years, which is how the loop's timers count.
    public var nanosecondsClamped: UInt64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds >= 9_000_000_000 { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
    }
}
