internal import Catalog
internal import JSON
internal import Jobs
internal import Presentation

/// Why a job whose units are all done does not make a video.
struct FinalObjection: Sendable, Equatable {
    let reason: PoorWork
    let failure: VideoFailure

    /// Nil when there is nothing to object to.
    init?(_ accounts: [RenditionAccount], _ copy: PublishedCopy, _ units: [JobUnit]) {
        if let gap = Self.gap(in: accounts, copy) {
            let number = gap.runSegments + 1
            reason = .missing(rendition: gap.position, number: number)
            failure = VideoFailure(
                reason: "A part of the film could not be made.",
                detail: "segment \(number) of \(gap.name) is missing though all work on it is done")
            return
        }
        // A unit that finds most of its own span broken fails by itself only when the span is the whole film.
        let spans = units.filter { $0.kind == .pictures }.map { (number: $0.number, damage: Damage($0.notes)) }
        let whole = spans.reduce(into: Damage()) { $0.add($1.damage) }
        guard whole.isMostlyBroken, let worst = spans.max(by: { $0.damage.broken < $1.damage.broken }) else {
            return nil
        }
        reason = .unfit(unit: worst.number)
        failure = VideoFailure(
            reason: "Most of this file is damaged, too much to show it.",
            detail: "\(whole.broken) of \(whole.packets) parts of the pictures could not be decoded")
    }

    /// The rendition whose absence forbids to call the whole done: one with segments behind a hole, or all pictures of a
    /// film that was to have some.
    private static func gap(in accounts: [RenditionAccount], _ copy: PublishedCopy) -> RenditionAccount? {
        let outline = copy.presentation.outline
        if let holed = accounts.first(where: { $0.storedSegments > $0.runSegments }) { return holed }
        let hasPicture = outline.pictures.isEmpty || outline.pictures.contains { copy.begun.contains($0) }
        return hasPicture && !copy.begun.isEmpty ? nil : accounts.first
    }

    /// How much of what was read could not be decoded, as units note it.
    private struct Damage {
        var packets: Int64 = 0
        var broken: Int64 = 0

        init() {}

        init(_ notes: String?) {
            guard let notes, let json = try? JSONValue.parse(notes) else { return }
            packets = Self.count(json["packets"])
            broken = Self.count(json["brokenPackets"])
        }

        var isMostlyBroken: Bool { broken * 2 > packets }

        mutating func add(_ other: Damage) {
            packets += other.packets
            broken += other.broken
        }

        private static func count(_ value: JSONValue?) -> Int64 { min(max(value?.integer ?? 0, 0), 1 << 40) }
    }
}
