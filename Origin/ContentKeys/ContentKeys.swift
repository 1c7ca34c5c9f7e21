public import Catalog
public import Crypto
public import Presentation

/// The keys of encrypted videos, in the catalog and sealed.
public struct ContentKeys: Sendable {
    private let sealer: Sealer

    /// Keys sealed under `sealingKeys`, which are kept outside of the catalog.
    public init(sealingKeys: SealingKeys) {
        sealer = Sealer(sealingKeys, purpose: "weir content keys")
    }

    /// Seals them under the key that seals now.
    public var sealedValues: SealedValueRewrapping {
        [.contentKey: { [sealer] in try sealer.rewrapped($0.sealed, binding: $0.owner) }]
    }

    /// Gives a video a new key, or takes its key away, before the first of its segments is made.
    public func begin(
        videoId: String, isEncrypted: Bool, in transaction: any CatalogTransaction
    ) throws {
        let key = isEncrypted ? SecureRandom.bytes(ContentKey.byteCount) : nil
        try transaction.store(
            sealedContentKey: try key.map { try sealer.seal($0, binding: videoId) }, videoId: videoId)
    }

    /// The key of a video; nil when it is not encrypted. Throws for a key that was sealed under another sealing key.
    public func key(of videoId: String, in reader: any CatalogReader) throws -> ContentKey? {
        guard let sealed = try reader.sealedContentKey(videoId: videoId) else { return nil }
        do throws(CryptoError) {
            return ContentKey(try sealer.open(sealed, binding: videoId))
        } catch {
            throw CryptoError("open the content key of \(videoId)", reasons: error.reasons)
        }
    }
}
