internal import Bytes
internal import Catalog
internal import Crypto

/// Refresh tokens that replace others, `family=number=code`.
///
/// The token that a sign-in gives is random, has the number 0, and the store has its hash. Each that replaces it is made from
/// the family, its number, that hash and a key outside the database. So one that was replaced is recognised however long ago,
/// without a row for each, and whoever asks twice within the grace gets the same one twice.
extension SecretSealer {
    /// The token that is good for a family now; nil as long as the one of the sign-in is good.
    func currentRefreshToken(of family: IdentityTokenFamily) -> String? {
        family.rotation > 0 ? refreshToken(family.rotation, of: family) : nil
    }

    /// The family of a refresh token, and its number in it; nil for a text that is none of any family that lasts.
    func family(
        ofRefreshToken text: String, in reader: any IdentityReader
    ) throws -> (family: IdentityTokenFamily, number: Int64)? {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count > 1 else {
            guard let family = try reader.tokenFamily(refreshTokenHash: RandomName.hash(text)) else { return nil }
            return (family, 0)
        }
        guard parts.count == 3, let number = Int64(parts[1]), let family = try reader.tokenFamily(id: String(parts[0])),
            number > 0, number <= family.rotation,
            constantTimeEqual(refreshToken(number, of: family), text)
        else { return nil }
        return (family, number)
    }

    private func refreshToken(_ number: Int64, of family: IdentityTokenFamily) -> String {
        let message = "refresh|\(family.id)|\(number)|\(Hex.encode(family.refreshTokenHash))"
        return "\(family.id)=\(number)=\(Base64.encode(keyedHash(message), alphabet: .url))"
    }
}
