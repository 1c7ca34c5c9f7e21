import Bytes
import HTTPWire
import SegmentStore
import Testing

@testable import Edge

/// A hundred thousand names that collide in every multiplicative hash by 31 or 33 without a seed: what a table of names costs
/// must grow with their number, not with its square.
@Suite(.serialized) struct HashCollisionTests {
    /// 2^`bits` different names of one length: each half is `Aa` or `BB`, which such hashes cannot tell apart.
    private static func colliding(bits: Int) -> [String] {
        (0..<(1 << bits)).map { number in
            (0..<bits).map { number >> $0 & 1 == 0 ? "Aa" : "BB" }.joined()
        }
    }

    private static let few = colliding(bits: 13).map { "0000" + "0000" + $0 }
    private static let many = colliding(bits: 17)

    /// Expects 16 times the names to cost far less than 256 times the time.
    private func expectLinear(_ work: ([String]) -> Int) {
        func fastest(_ names: [String]) -> Duration {
            (0..<3).map { _ in
                let start = ContinuousClock.now
                let count = work(names)
                precondition(count == names.count, "names were lost")
                return ContinuousClock.now - start
            }.min() ?? .zero
        }
        let ratio = fastest(Self.many) / max(fastest(Self.few), .microseconds(20))
        #expect(ratio < 100, "16 times as many names took \(ratio) times as long")
    }

    @Test func `headers`() {
        expectLinear { names in
            let text = "GET / HTTP/1.1\r\nHost: a\r\n" + names.map { "\($0): b\r\n" }.joined() + "\r\n"
            var parser = RequestHeadParser()
            let limits = HeadLimits(maximumHeadBytes: .max, maximumFields: .max)
            return Array(text.utf8).withUnsafeBytes { bytes in
                guard case .complete = parser.parse(bytes, limits: limits) else { return 0 }
                _ = ConditionalRequest(parser.fields, in: bytes, method: .get)
                return parser.fields.count - 1
            }
        }
    }

    @Test func `fields that Connection names`() {
        expectLinear { names in
            var headers = Headers()
            headers.add("Connection", names.joined(separator: ","))
            return ResponseFields.namedByConnection(headers).count
        }
    }

    @Test func `query parameters, chosen by name`() {
        let chosen = Self.many.prefix(1_000).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        expectLinear { names in
            let query = Array(names.map { "\($0)=1" }.joined(separator: "&").utf8)
            var key = GrowableBuffer()
            query.withUnsafeBytes { query in
                withUnsafeBytes(of: UInt8(ascii: "/")) { path in
                    CacheKey.append(
                        path: path, query: query, selection: .allExcept(chosen), removesSigning: true,
                        removesMetadata: true, to: &key)
                }
            }
            return key.isEmpty ? 0 : names.count
        }
    }

    @Test func `cookies`() {
        expectLinear { names in
            var count = 0
            Array(names.map { "\($0)=1" }.joined(separator: "; ").utf8).withUnsafeBytes { value in
                _ = Cookies.forEach(in: value) { _, _ in
                    count += 1
                    return true
                }
            }
            return count
        }
    }

    @Test func `keys of objects on their way`() {
        let budget = FillBudget(windowBytes: 1 << 20, totalBytes: 1 << 30)
        expectLinear { names in
            let table = FillTable()
            for name in names {
                let key = Array(name.utf8)
                _ = table.joinOrBegin(key, now: 0) { Fill(key: key, fence: .zero, budget: budget) }
            }
            return table.count
        }
    }
}
