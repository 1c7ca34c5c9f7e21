internal import Catalog

/// The transitions of a key's life; who calls them has checked that edges are ready for them.
extension SigningKey {
    /// Most keys of a group that edges trust at a time, as CloudFront has it.
    static let mostInGroup = 5
    /// For clocks that differ, and for a grant that was being signed when another key took over.
    static let graceSeconds: Int64 = 60

    /// It signs from now on what lives for `grantSeconds` at most.
    mutating func beginSigning(at now: Int64, grantSeconds: Int64) {
        state = .signing
        signsWhenTrusted = false
        signsFrom = now
        (signedUntil, verifiesUntil) = (nil, nil)
        self.grantSeconds = max(self.grantSeconds, grantSeconds)
    }

    /// Another one signs; this one is needed until what it has signed has lapsed.
    mutating func endSigning(at now: Int64) {
        state = .verifying
        signedUntil = now
        verifiesUntil = now + (grantSeconds + Self.graceSeconds) * 1_000
    }

    /// Nobody trusts it any more, and nobody can sign with it.
    mutating func retire(at now: Int64, by account: String?) {
        state = .retired
        signsWhenTrusted = false
        sealedPrivateKey = nil
        (retiredAt, retiredBy) = (now, account)
    }

    /// Whether its last grants have lapsed.
    func hasLapsed(at now: Int64) -> Bool {
        state == .verifying && !signsWhenTrusted && verifiesUntil.map { $0 <= now } ?? true
    }

    /// Makes it the one that will sign, or says why it cannot be.
    mutating func awaitSigning(inGroup groupId: String) throws(KeyRefusal) {
        switch state {
        case .signing: throw KeyRefusal(.cannotSign, "\(id) signs already.")
        case .retired: throw KeyRefusal(.retired, "\(id) is retired; rotate to a new key.")
        case .trusted, .verifying: break
        }
        guard self.groupId == groupId else {
            throw KeyRefusal(.cannotSign, "\(id) is in the group \(self.groupId); playback signs for \(groupId).")
        }
        guard sealedPrivateKey != nil else {
            throw KeyRefusal(
                .cannotSign, "\(id) came as a public key, so it cannot sign here; rotate to a key that was made here.")
        }
        signsWhenTrusted = true
    }
}
