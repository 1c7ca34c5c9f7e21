import Crypto
import Testing

@Suite struct SealingKeysTests {
    private static let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
    private static let secret = Array("secret".utf8)

    private static func sealer(_ keys: [[UInt8]], purpose: String = "test") throws -> Sealer {
        Sealer(try SealingKeys(keys), purpose: purpose)
    }

    @Test func `the first key seals and all of them open`() throws {
        let before = try Self.sealer([Self.old]).seal(Self.secret, binding: "row")
        let both = try Self.sealer([Self.new, Self.old])
        #expect(try both.open(before, binding: "row") == Self.secret)
        let after = try both.seal(Self.secret, binding: "row")
        #expect(try Self.sealer([Self.new]).open(after, binding: "row") == Self.secret)
        #expect(throws: CryptoError.self) { try Self.sealer([Self.old]).open(after, binding: "row") }
        #expect(throws: CryptoError.self) { try Self.sealer([Self.new]).open(before, binding: "row") }
    }

    @Test func `what is sealed says under which key, and is for one place and purpose`() throws {
        let sealer = try Self.sealer([Self.new, Self.old])
        let sealed = try sealer.seal(Self.secret, binding: "row")
        #expect(Array(sealed.prefix(5)) == [1] + SealingKeys.id(of: Self.new))
        #expect(SealingKeys.id(of: Self.new) != SealingKeys.id(of: Self.old))
        #expect(throws: CryptoError.self) { try sealer.open(sealed, binding: "another row") }
        #expect(throws: CryptoError.self) {
            try Self.sealer([Self.new], purpose: "another").open(sealed, binding: "row")
        }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: CryptoError.self) { try sealer.open(damaged, binding: "row") }
        }
    }

    @Test func `what was sealed before keys had ids is opened and rewrapped`() throws {
        let key = HMAC.sha256(key: Self.old, message: Array("test".utf8))
        let ancient = try AESGCM.seal(Self.secret, key: key, additionalData: Array("row".utf8))
        let both = try Self.sealer([Self.new, Self.old])
        #expect(try both.open(ancient, binding: "row") == Self.secret)
        let rewrapped = try #require(try both.rewrapped(ancient, binding: "row"))
        #expect(try Self.sealer([Self.new]).open(rewrapped, binding: "row") == Self.secret)
        #expect(try both.rewrapped(rewrapped, binding: "row") == nil)
        #expect(try Self.sealer([Self.old]).rewrapped(ancient, binding: "row") != nil)
    }

    @Test func `what no key opens is not rewrapped`() throws {
        let sealed = try Self.sealer([Self.old]).seal(Self.secret, binding: "row")
        #expect(throws: CryptoError.self) { try Self.sealer([Self.new]).rewrapped(sealed, binding: "row") }
    }

    @Test func `no key, a short one and the same one twice are refused`() {
        for keys in [[], [[1, 2, 3]], [Self.old, Self.new, Self.old]] as [[[UInt8]]] {
            #expect(throws: CryptoError.self) { try SealingKeys(keys) }
        }
    }
}
