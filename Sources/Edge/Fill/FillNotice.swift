import Synchronization

/// Tells once what became of a fill: the object's bytes when the store has it, `nil` when the fill is gone without that.
final class FillNotice: Sendable {
    private let body: @Sendable (Int?) -> Void
    private let isGiven = Atomic<Bool>(false)

    /// `body` is called on any thread.
    init(_ body: @escaping @Sendable (Int?) -> Void) {
        self.body = body
    }

    func stored(bytes: Int) {
        give(bytes)
    }

    deinit {
        give(nil)
    }

    private func give(_ bytes: Int?) {
        if !isGiven.exchange(true, ordering: .acquiringAndReleasing) { body(bytes) }
    }
}
