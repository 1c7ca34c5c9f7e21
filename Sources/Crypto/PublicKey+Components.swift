/// Keys that come as their numbers, as COSE and JSON Web Keys write them.
extension PublicKey {
    /// The key of a point of P-256, by its coordinates of 32 bytes; throws when the point is not on the curve.
    public convenience init(p256X x: [UInt8], y: [UInt8]) throws(CryptoError) {
        guard x.count == 32, y.count == 32 else {
            throw CryptoError("read a public key", reasons: ["a coordinate of P-256 has 32 bytes"])
        }
        let algorithm = DER.sequence(DER.ecPublicKey + DER.p256)
        try self.init(der: DER.sequence(algorithm + DER.bitString([0x04] + x + y)))
    }

    /// The key of a modulus and an exponent, big-endian; errors as for `init(pem:)`.
    public convenience init(
        rsaModulus modulus: [UInt8], exponent: [UInt8], minimumRSABits: Int = PublicKey.minimumRSABits
    ) throws(CryptoError) {
        let numbers = DER.sequence(DER.natural(modulus) + DER.natural(exponent))
        let algorithm = DER.sequence(DER.rsaEncryption + DER.null)
        try self.init(der: DER.sequence(algorithm + DER.bitString(numbers)), minimumRSABits: minimumRSABits)
    }
}

/// As much of X.690 as a SubjectPublicKeyInfo takes.
private enum DER {
    /// 1.2.840.10045.2.1
    static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
    /// 1.2.840.10045.3.1.7
    static let p256: [UInt8] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
    /// 1.2.840.113549.1.1.1
    static let rsaEncryption: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]
    static let null: [UInt8] = [0x05, 0x00]

    static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

    static func bitString(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0x00] + bytes) }

    /// A number that is not negative: no leading zeros but the one that keeps the sign.
    static func natural(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return element(0x02, (digits.first ?? 0x80) < 0x80 ? digits : [0x00] + digits)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        let length = withUnsafeBytes(of: content.count.bigEndian) { Array($0.drop { $0 == 0 }) }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
