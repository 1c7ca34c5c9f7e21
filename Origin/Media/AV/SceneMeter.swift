internal import CFFmpeg

/// Finds where one scene ends and the next begins: where a picture differs from the one before it far more than that did from its own.
///
/// Confined to one thread.
public final class SceneMeter {
    private let sumOfDifferences: av_pixelutils_sad_fn
    private var last: Picture?
    private var lastScore = 0.0

    /// Pixels along the side of the blocks that are compared.
    private static let side = 16
    /// Mean difference of brightness, in hundredths of its whole range, that a cut exceeds.
    private static let threshold = 10.0

    /// Meets its first picture next.
    public init() throws(AVFailure) {
        guard let function = av_pixelutils_get_sad_fn(4, 4, 0, nil) else {
            throw AVFailure(operation: "set up the comparison of pictures", code: weir_averror_invalid_data())
        }
        sumOfDifferences = function
    }

    /// Whether `picture`, of the same size as the one before it, begins a scene; the first one never does.
    public func beginsScene(_ picture: Picture) throws(AVFailure) -> Bool {
        let score = last.map { difference(of: $0, picture) } ?? 0
        let rise = abs(score - lastScore)
        last = try picture.shared()
        lastScore = score
        return min(score, rise) >= Self.threshold
    }

    private func difference(of before: Picture, _ after: Picture) -> Double {
        guard let old = before.plane(0), let new = after.plane(0) else { return 0 }
        let (columns, rows) = (after.width / Self.side, after.height / Self.side)
        guard columns > 0, rows > 0 else { return 0 }
        var sum = 0
        for row in 0..<rows {
            for column in 0..<columns {
                let (x, y) = (column * Self.side, row * Self.side)
                sum += Int(
                    sumOfDifferences(
                        old.start + y * Int(old.stride) + x, Int(old.stride),
                        new.start + y * Int(new.stride) + x, Int(new.stride)))
            }
        }
        return Double(sum) / Double(columns * rows * Self.side * Self.side) / 255 * 100
    }
}
