public import Identity

/// Lets another key sign the tokens of accounts; in production Identity's keeper.
public protocol TokenKeyRotator: Sendable {
    /// The key that signs next, and from when; at once where `isUrgent`, and then no other key is good any more.
    func rotate(isUrgent: Bool) async throws -> TokenKeyKeeper.Turn
}

extension TokenKeyKeeper: TokenKeyRotator {}
