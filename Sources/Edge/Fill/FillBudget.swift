import Synchronization

/// The memory of all fills together. It never refuses a byte that is here; it tells each fill how much it may keep, and a
/// fill that keeps more reads no further from its origin.
final class FillBudget: Sendable {
    /// What a fill may keep whatever the others do, so that each moves on: the piece that is read and the one that is
    /// written.
    static let leastBytes = 2 * FillBody.pieceBytes

    private let held = Atomic<Int>(0)
    /// Most bytes of one fill.
    private let windowBytes: Int
    /// Bytes of all fills from which each may keep only the least.
    private let totalBytes: Int

    init(windowBytes: Int, totalBytes: Int) {
        self.windowBytes = max(windowBytes, Self.leastBytes)
        self.totalBytes = totalBytes
    }

    /// Bytes held by all fills.
    var heldBytes: Int { held.load(ordering: .relaxed) }

    /// Bytes one fill may keep now.
    var allowance: Int { heldBytes > totalBytes ? Self.leastBytes : windowBytes }

    func add(_ bytes: Int) {
        held.wrappingAdd(bytes, ordering: .relaxed)
    }
}
