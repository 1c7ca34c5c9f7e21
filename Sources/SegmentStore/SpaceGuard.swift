internal import Glibc

/// Watches what the file system has left, so that the cache stops growing before the disk is full: logs, uploads and
/// the purge journal need it more.
///
/// Below the reserve nothing shrinks, because LMDB's files cannot; new objects take the place of old ones instead.
struct SpaceGuard {
    private let folder: String
    private let reserveBytes: Int
    private let measure: (@Sendable () -> Int)?
    /// Whether less than the reserve was free when last looked at.
    private(set) var isLow = false

    /// What a look at the file system found.
    enum Change: Equatable {
        case none
        case low(freeBytes: Int, reserveBytes: Int)
        case recovered(freeBytes: Int)
    }

    /// `measure` replaces the question to the kernel.
    init(folder: String, reserveBytes: Int, measure: (@Sendable () -> Int)?) {
        self.folder = folder
        self.reserveBytes = reserveBytes
        self.measure = measure
    }

    /// Looks again; about a microsecond.
    mutating func look() -> Change {
        var file = statvfs()
        guard statvfs(folder, &file) == 0 else { return .none }
        let unit = Int(file.f_frsize)
        let free = measure?() ?? Int(file.f_bavail) * unit
        let reserve = min(reserveBytes, Int(file.f_blocks) * unit / 20)
        if !isLow, free < reserve {
            isLow = true
            return .low(freeBytes: free, reserveBytes: reserve)
        }
        // An eighth more, lest it change its mind with every file somebody removes.
        if isLow, free >= reserve + reserve / 8 {
            isLow = false
            return .recovered(freeBytes: free)
        }
        return .none
    }
}
