import Bytes
import Crypto
import Testing

@testable import Identity

@Suite struct SRPTests {
    @Test func `there are six vectors`() {
        #expect(SRPVector.all.count == 6)
    }

    @Test(arguments: SRPVector.all)
    func `every intermediate value is that of the vectors`(_ vector: SRPVector) throws {
        #expect(SRPGroup.multiplier == vector.number("k"))
        let salt = vector.number("salt")
        let exponent = SRPVerifier.exponent(password: vector.text("password"), identity: vector.identity, salt: salt)
        #expect(exponent == vector.number("x"))
        let verifier = try SRPVerifier(password: vector.text("password"), identity: vector.identity, salt: salt)
        #expect(verifier.value == vector.number("v"))
        let exchange = try SRPExchange(verifier, secret: vector.number("b"), isNegated: false)
        #expect(exchange.publicValue == vector.number("B"))
        let (client, scrambler) = (vector.number("A"), vector.number("u"))
        #expect(exchange.scrambler(client) == scrambler)
        let shared = try #require(try exchange.sharedSecret(client, scrambler: scrambler))
        #expect(shared == vector.number("S"))
        let key = SRPKey.derive(shared, scrambler: scrambler)
        #expect(Hex.encode(key) == vector.text("K"))
        #expect(try exchange.keys(client)?.first == key)
        let signature = SRPKey.signature(
            key: key, identity: vector.identity, secretBlock: try #require(Base64.decode(vector.text("secret_block"))),
            timestamp: vector.text("timestamp"))
        #expect(Base64.encode(signature) == vector.text("signature"))
    }

    @Test(arguments: SRPVector.all)
    func `the client that the tests play is that of the vectors`(_ vector: SRPVector) throws {
        let secret = vector.number("a")
        let client = try SRPClient(
            poolName: vector.text("pool"), password: vector.text("password"), secret: secret.bytes)
        #expect(client.publicValue == vector.number("A"))
        let signature = try client.signature(
            username: vector.text("user"), salt: vector.text("salt"), serverValue: vector.text("B"),
            secretBlock: try #require(Base64.decode(vector.text("secret_block"))), timestamp: vector.text("timestamp"))
        #expect(signature == vector.text("signature"))
    }

    @Test func `a number is hashed as Java writes it`() {
        #expect(Natural([]).signedBytes == [0])
        #expect(Natural([0x7f, 1]).signedBytes == [0x7f, 1])
        #expect(Natural([0, 0, 0x80]).signedBytes == [0, 0x80])
        #expect(Natural(hexadecimal: "ABC") == Natural([0x0a, 0xbc]))
        #expect(Natural(hexadecimal: "0") == Natural([]))
        for text in ["", "0x1", "-1", " 1", "1g", "١"] { #expect(Natural(hexadecimal: text) == nil) }
    }

    /// A padding that is wrong fails for most numbers and passes for some: it takes many runs to see it.
    @Test func `three hundred random sign-ins agree, whatever the salt, the sign and the password`() throws {
        let alphabet = Array("abcXYZ019 !:|äößÉñ日本語パスワード🎬\u{0301}\u{200d}".unicodeScalars)
        for run in 0..<300 {
            var password = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...40) { password.append(alphabet[Int.random(in: alphabet.indices)]) }
            let poolName = SecureRandom.alphanumeric(9)
            let username = run % 3 == 0 ? "änne-\(run)@example.com" : "user\(run)"
            let identity = SRPIdentity(poolId: "eu-central-1_\(poolName)", username: username)
            // Short ones, odd ones in their text, and ones that begin with zeros or with a set bit.
            var salt = SecureRandom.bytes(Int.random(in: 1...20))
            if run % 4 == 0 { salt[0] &= 0x0f }
            if run % 4 == 1 { salt[0] |= 0x80 }
            if run % 4 == 2 { salt[0] = 0 }
            if run % 4 == 3 { salt[0] |= 1 }
            let verifier = try SRPVerifier(password: String(password), identity: identity, salt: Natural(salt))
            let exchange = try SRPExchange(verifier)
            let client = try SRPClient(
                poolName: poolName, password: String(password), secret: SecureRandom.bytes(Int.random(in: 16...128)))
            let block = SecureRandom.bytes(Int.random(in: 1...100))
            let signature = try client.signature(
                username: username,
                salt: run % 2 == 0 ? SRPClient.text(verifier.salt) : Hex.encode(verifier.salt.bytes),
                serverValue: Hex.encode(exchange.publicValue.bytes), secretBlock: block, timestamp: "now")
            let keys = try #require(try exchange.keys(client.publicValue))
            let accepted = keys.map {
                Base64.encode(SRPKey.signature(key: $0, identity: identity, secretBlock: block, timestamp: "now"))
            }
            #expect(accepted.contains(try #require(signature)), "run \(run)")
        }
    }

    @Test func `values that would make the key known are refused`() throws {
        let verifier = SRPVerifier(salt: Natural([1]), value: Natural([9]))
        let prime = SRPGroup.prime.value
        for isNegated in [false, true] {
            let exchange = try SRPExchange(verifier, secret: Natural([5]), isNegated: isNegated)
            for value in [Natural([]), prime, prime.doubled] {
                #expect(!SRPGroup.contains(value))
                #expect(try exchange.keys(value) == nil)
            }
            #expect(try exchange.sharedSecret(Natural([2]), scrambler: Natural([])) == nil)
            #expect(try exchange.keys(Natural([2]))?.count == 2)
        }
        #expect(try SRPGroup.prime.sum(prime.doubled, Natural([])).isZero)
    }

    /// Euler's criterion: of what a client subtracts `k·v` from, half are squares, so that no guess is told from another.
    @Test func `what the server sends does not tell a right guess from a wrong one`() throws {
        let prime = SRPGroup.prime
        let half = halved(prime.value)
        let verifier = SRPVerifier(
            salt: Natural([1]), value: try prime.power(Natural([2]), Natural(SecureRandom.bytes(32))))
        let blinding = try prime.product(SRPGroup.multiplier, verifier.value)
        var squares = 0
        for _ in 0..<64 {
            let sent = try SRPExchange(verifier).publicValue
            if try prime.power(prime.difference(sent, blinding), half) == Natural([1]) { squares += 1 }
        }
        // Beyond these bounds once in a hundred million runs.
        #expect((10...54).contains(squares))
    }

    private func halved(_ number: Natural) -> Natural {
        var carry: UInt8 = 0
        return Natural(
            number.bytes.map { byte in
                defer { carry = byte & 1 }
                return byte >> 1 | carry << 7
            })
    }

    @Test(
        arguments: [
            ("Sat Nov 7 01:02:03 UTC 2026", 1_794_013_323), ("Thu Jan 1 00:00:00 UTC 1970", 0),
            ("Thu Feb 29 23:59:59 UTC 2024", 1_709_251_199), ("Sun Nov 22 10:00:00 UTC 2026", 1_795_341_600),
        ] as [(String, Int64)])
    func `the time of a client is read`(_ text: String, _ seconds: Int64) {
        #expect(SRPTimestamp.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "Sat Nov 07 01:02:03 UTC 2026", "Sat Nov  7 01:02:03 UTC 2026", "Sat Nov 7 1:02:03 UTC 2026",
        "Sat Nov 7 01:02:03 GMT 2026", "Sat Nov 7 01:02:03 UTC 26", "sat Nov 7 01:02:03 UTC 2026",
        "Sam Nov 7 01:02:03 UTC 2026", "Sat Nov 31 01:02:03 UTC 2026", "Sat Nov 7 24:02:03 UTC 2026",
        "Sat Nov 7 01:02:03 UTC 2026 ", " Sat Nov 7 01:02:03 UTC 2026", "Sat Nov +7 01:02:03 UTC 2026",
        "Sat Nov ٧ 01:02:03 UTC 2026", "Sat, 07 Nov 2026 01:02:03 GMT", "2026-11-07T01:02:03Z",
    ])
    func `a time in any other form is none`(_ text: String) {
        #expect(SRPTimestamp.parse(text) == nil)
    }

    @Test func `a secret block comes back whole, for its client and its name alone`() throws {
        let sealer = try SecretSealer(keys: [[UInt8](repeating: 7, count: 32)], poolId: Pool.id)
        let block = SecretBlock(
            expiresAt: 1_800_000_030_000, keys: [SecureRandom.bytes(16), SecureRandom.bytes(16)],
            verifierHash: SecureRandom.bytes(32))
        #expect(SecretBlock(block.bytes) == block)
        for count in [0, 1, 87, 89] { #expect(SecretBlock([UInt8](repeating: 0, count: count)) == nil) }
        let sealed = try sealer.seal(block, client: "c", usernameKey: "ann")
        #expect(sealer.secretBlock(sealed, client: "c", usernameKey: "ann") == block)
        #expect(sealer.secretBlock(sealed, client: "d", usernameKey: "ann") == nil)
        #expect(sealer.secretBlock(sealed, client: "c", usernameKey: "bob") == nil)
        #expect(sealer.secretBlock([], client: "c", usernameKey: "ann") == nil)
    }

    @Test func `a sealed verifier opens for its account alone`() throws {
        let sealer = try SecretSealer(keys: [[UInt8](repeating: 7, count: 32)], poolId: Pool.id)
        for salt: [UInt8] in [[], [9], [UInt8](repeating: 255, count: 16)] {
            let verifier = SRPVerifier(salt: Natural(salt), value: Natural(SecureRandom.bytes(384)))
            let sealed = try sealer.seal(verifier, of: "u1")
            #expect(try sealer.verifier(sealed, of: "u1") == verifier)
            #expect(throws: CryptoError.self) { try sealer.verifier(sealed, of: "u2") }
        }
    }
}
