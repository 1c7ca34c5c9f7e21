import Bytes
import Crypto
import Glibc
import JSON
import Testing

@testable import Identity

/// One sign-in with every intermediate value, from `Tests/Fixtures/srp-vectors.json`.
struct SRPVector: Sendable, CustomTestStringConvertible {
    let values: JSONValue

    var testDescription: String { text("user") }

    func text(_ name: String) -> String { values[name]?.string ?? "" }
    func number(_ name: String) -> Natural { Natural(hexadecimal: text(name)) ?? Natural([]) }

    var identity: SRPIdentity { SRPIdentity(poolId: "eu-central-1_\(text("pool"))", username: text("user")) }

    static let all: [SRPVector] = {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/srp-vectors.json"
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        let vectors = try? JSONValue.parse(Array(bytes.prefix(count))).array
        return (vectors ?? []).map { SRPVector(values: $0) }
    }()
}
