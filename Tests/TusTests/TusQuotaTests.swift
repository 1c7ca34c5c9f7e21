import Catalog
import Library
import TestKit
import Testing
import Tus
import TusWire

@Suite struct TusQuotaTests {
    @Test func `an upload that does not fit is not begun, nor a part of one`() async throws {
        let bench = try Bench(quotas: Quotas(bytes: 10))
        await #expect(throws: Quotas.Excess.self) { _ = try await bench.begin(length: 11) }
        await #expect(throws: Quotas.Excess.self) {
            _ = try await bench.uploads.begin(nil, of: "anna", length: 11, metadata: "")
        }
        #expect(try await bench.catalog.read { try $0.video(id: "v") } == nil, "it leaves no video behind")
        _ = try await bench.begin(length: 10)
    }

    @Test func `a length that is said later must fit as well`() async throws {
        let bench = try Bench(quotas: Quotas(bytes: 10))
        let id = try await bench.begin(length: nil)
        await #expect(throws: Quotas.Excess.self) { _ = try await bench.send([1], at: 0, to: id, length: 11) }
        #expect(try await bench.offset(of: id) == 0)
        #expect(try await bench.send([1, 2], at: 0, to: id, length: 2) == 2)
        #expect(try await bench.file() == [1, 2])
    }

    @Test func `parts that fit one by one are not joined to what does not`() async throws {
        let bench = try Bench(quotas: Quotas(bytes: 10))
        var parts: [String] = []
        for _ in 0..<2 {
            let id = try await bench.uploads.begin(nil, of: "anna", length: 6, metadata: "").upload.id
            try await bench.send([1, 2, 3, 4, 5, 6], at: 0, to: id)
            parts.append(id)
        }
        let halves = parts
        await #expect(throws: Quotas.Excess.self) {
            _ = try await bench.uploads.join(halves, as: bench.video("v"), of: "anna", metadata: "")
        }
        #expect(try await bench.catalog.read { try $0.video(id: "v") } == nil)
    }
}
