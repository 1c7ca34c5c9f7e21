import AccessSigning
import Crypto
import HTTPWire
import Testing

@Suite struct AddressConditionTests {
    private static let key = Result { try PrivateKey.generateP256() }

    @Test(arguments: [
        ("192.0.2.0/28", "192.0.2.15", true),
        ("192.0.2.0/28", "192.0.2.16", false),
        ("0.0.0.0/0", "255.255.255.255", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::7", "2001:db8::7", true),
        ("2001:db8::7", "2001:db8::8", false),
        ("2001:db8::/127", "2001:db8::1", true),
        ("::/0", "2001:db8::1", true),
        // Fails closed where the families differ, whatever the block would cover as a number.
        ("::/0", "192.0.2.1", false),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("0.0.0.0/0", "::1", false),
        ("::ffff:0:0/96", "192.0.2.1", false),
    ])
    func `an address condition admits its block and never the other family`(
        _ block: String, _ peer: String, _ isOpen: Bool
    ) throws {
        let key = try Self.key.get()
        let verifier = SignedAccessVerifier(keys: ["K": key.publicKey])
        let source = try #require(IPNetwork(block))
        let policy = CloudFrontPolicy(resource: "*", expires: 1_900_000_000, source: source)
        let field = try CloudFrontSigner(key: key, keyPairId: "K").cookies(policy).field
        let address = try #require(IPAddress(peer))
        let width = address.family.bitCount / 8
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: address.bits >> (8 * (width - 1 - $0))) }
        var memo = AccessMemo()
        for _ in 0..<2 {
            let decision = Viewer(cookieFields: [field], peer: bytes).check(verifier, memo: &memo)
            #expect(decision.denial?.reason == (isOpen ? nil : .address))
        }
    }
}
