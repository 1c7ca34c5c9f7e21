internal import Crypto
internal import Presentation

/// Encrypts segments on their way to the store. The child that makes them has read a hostile file, and never has the key.
struct SegmentCipher: Sendable {
    let key: ContentKey

    /// A segment as it is stored: in one piece, or, when it is played by fragments, each of these by itself.
    func encrypt(
        _ bytes: [UInt8], number: Int, fragments: [StoredSegment.Fragment]
    ) throws(CryptoError) -> (bytes: [UInt8], fragments: [StoredSegment.Fragment]) {
        guard !fragments.isEmpty else { return (try seal(bytes, ContentKey.vector(number: number)), []) }
        var result: [UInt8] = []
        var parts: [StoredSegment.Fragment] = []
        var start = 0
        for (index, fragment) in fragments.enumerated() {
            let end = start + fragment.bytes
            let part = try seal(Array(bytes[start..<end]), ContentKey.vector(number: number, part: index + 1))
            result += part
            parts.append(.init(bytes: part.count, durationMicroseconds: fragment.durationMicroseconds))
            start = end
        }
        return (result, parts)
    }

    private func seal(_ bytes: [UInt8], _ vector: [UInt8]) throws(CryptoError) -> [UInt8] {
        try AESCBC.seal(bytes, key: key.bytes, vector: vector)
    }
}
