import Crypto
import Testing

@Suite struct SealerTests {
    private let master = [UInt8](repeating: 7, count: 32)

    @Test func `what is sealed for a place opens there and nowhere else`() throws {
        let sealer = try Sealer(master: master, purpose: "keys")
        let sealed = try sealer.seal([1, 2, 3], binding: "row 1")
        #expect(try sealer.open(sealed, binding: "row 1") == [1, 2, 3])
        #expect(throws: CryptoError.self) { try sealer.open(sealed, binding: "row 2") }
        let otherPurpose = try Sealer(master: master, purpose: "codes")
        #expect(throws: CryptoError.self) { try otherPurpose.open(sealed, binding: "row 1") }
        let otherMaster = try Sealer(master: [UInt8](repeating: 8, count: 32), purpose: "keys")
        #expect(throws: CryptoError.self) { try otherMaster.open(sealed, binding: "row 1") }
    }

    @Test func `a key of another length is refused`() {
        let error = #expect(throws: CryptoError.self) { try Sealer(master: [1], purpose: "keys") }
        #expect(error?.description.contains("1 bytes and needs 32") == true)
    }
}
