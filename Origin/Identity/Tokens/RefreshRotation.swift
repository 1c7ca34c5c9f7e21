internal import Catalog

/// What becomes of a family whose refresh token is used while its client has them replaced.
///
///     number == rotation ─────────────────────────► replaced: rotation + 1, from now on
///     number == rotation − 1, within the grace ───► repeated: the token of `rotation` once more, nothing changes
///     any other ──────────────────────────────────► reused: the family ends
enum RefreshRotation: Equatable {
    /// The next token is good; the used one within the grace as well.
    case replaced(IdentityTokenFamily)
    /// The answer was lost, or two parts of the client asked at once: both get the same token.
    case repeated
    /// Somebody has a token that was given up: the client or a thief, and nobody knows which.
    case reused

    /// Decides for the token of that number; `now` is in epoch milliseconds.
    init(using number: Int64, of family: IdentityTokenFamily, graceSeconds: Int64, now: Int64) {
        if number == family.rotation {
            var next = family
            next.rotation += 1
            next.rotatedAt = now
            self = .replaced(next)
        } else if number == family.rotation - 1, let rotatedAt = family.rotatedAt,
            now < rotatedAt + graceSeconds * 1000
        {
            self = .repeated
        } else {
            self = .reused
        }
    }
}
