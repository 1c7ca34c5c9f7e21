import Catalog
import Testing

@testable import Tus

@Suite struct PartMergingTests {
    private func part(_ number: Int, _ size: Int64) -> UploadPart {
        UploadPart(number: number, blob: "b\(number)", size: size, etag: "", createdAt: 0)
    }

    /// The sizes of parts after requests of these sizes, and how many bytes were written for them.
    private func sizes(after requests: [Int64]) -> (parts: [Int64], written: Int64) {
        var (parts, written): ([UploadPart], Int64) = ([], 0)
        for request in requests {
            let last = Array(parts.suffix(PartMerging.tailParts).reversed())
            let joined = PartMerging.joined(last, with: min(request, Int64(PartMerging.heldBytes)))
            parts.removeLast(joined.count)
            let size = joined.reduce(request) { $0 + $1.size }
            written += size
            parts.append(part(parts.count + 1, size))
        }
        return (parts.map(\.size), written)
    }

    @Test(arguments: [1, 100, 1_000, 65_536, 500_000, 600_000, 1_048_575] as [Int64])
    func `requests of one size make parts of a mebibyte, and a few smaller ones at the end`(_ size: Int64) {
        let requests = [Int64](repeating: size, count: Int(min(20_000, (64 << 20) / size)))
        let (parts, written) = sizes(after: requests)
        let total = size * Int64(requests.count)
        #expect(parts.reduce(0, +) == total)
        #expect(parts.count <= total >> 20 + 20)
        #expect(written <= total * 8)
    }

    @Test func `requests that get smaller and smaller make no more parts than that`() {
        let (parts, _) = sizes(after: (1...20_000).reversed().map { Int64($0) })
        #expect(parts.count <= 200_010_000 >> 20 + 20)
    }

    @Test func `requests of all sizes make no more parts than that`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let requests = (0..<5_000).map { _ in Int64(1) << Int64.random(in: 0...21, using: &random) }
            let (parts, _) = sizes(after: requests)
            #expect(parts.count <= requests.reduce(0, +) >> 20 + 20, "\(requests.prefix(50))")
        }
    }

    @Test func `large parts are left alone`() {
        #expect(PartMerging.joined([part(1, 1 << 20)], with: 512 << 10).isEmpty)
        #expect(PartMerging.joined([part(2, 3), part(1, 1 << 20)], with: 2) == [part(2, 3)])
        #expect(PartMerging.joined([part(2, 4), part(1, 1)], with: 2).isEmpty)
    }
}
