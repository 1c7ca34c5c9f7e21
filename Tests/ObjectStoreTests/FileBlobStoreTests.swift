import Bytes
import EventLoop
import Glibc
import ObjectStore
import TestKit
import Testing

@Suite struct FileBlobStoreTests {
    @Test func `a committed blob reads back whole and in parts`() async throws {
        try await withStore { store, _ in
            let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let writer = try await store.create(expectedSize: Int64(bytes.count))
            for start in stride(from: 0, to: bytes.count, by: 65_000) {
                try await writer.append(Array(bytes[start..<min(start + 65_000, bytes.count)]))
            }
            try await writer.commit()
            let reader = try await store.open(writer.name)
            #expect(reader.size == 700_000)
            #expect(try await reader.read(at: 0, count: 700_000) == bytes)
            #expect(try await reader.read(at: 699_990, count: 100) == Array(bytes.suffix(10)))
            #expect(try await reader.read(at: 700_000, count: 1).isEmpty)
        }
    }

    @Test func `small and large pieces lie in the order they came in, beyond where the disk is told to begin`()
        async throws
    {
        try await withStore { store, _ in
            let sizes = [1, 32_767, 32_768, 5, 300_000, 200_000, 9 << 20, 3]
            let writer = try await store.create(expectedSize: nil)
            var bytes: [UInt8] = []
            for (index, size) in sizes.enumerated() {
                let piece = [UInt8](repeating: UInt8(index + 1), count: size)
                try await writer.append(piece)
                bytes += piece
            }
            try await writer.commit()
            let reader = try await store.open(writer.name)
            #expect(reader.size == Int64(bytes.count))
            #expect(try await reader.read(at: 0, count: bytes.count) == bytes)
        }
    }

    @Test func `a blob under a name of another store takes the place of the one there in one step`() async throws {
        try await withStore { store, _ in
            let first = try await store.create(expectedSize: 1)
            try await first.append([1])
            try await first.commit()
            let reader = try await store.open(first.name)
            let second = try await store.create(named: first.name, expectedSize: 2)
            #expect(second.name == first.name)
            try await second.append([2, 3])
            #expect(try await store.open(first.name).size == 1, "until it is committed")
            try await second.commit()
            #expect(try await store.open(first.name).read(at: 0, count: 9) == [2, 3])
            #expect(try await reader.read(at: 0, count: 9) == [1], "who has it open reads on")
            #expect(try await store.names(writtenBefore: .max, after: "", limit: 9) == [first.name])
            for name in ["", "../x", "a/b"] {
                #expect(await code { _ = try await store.create(named: name, expectedSize: nil) } == .missing)
            }
        }
    }

    @Test func `orphans are those that nobody names, page by page`() async throws {
        try await withStore { store, _ in
            var names: [String] = []
            for _ in 0..<300 {
                let writer = try await store.create(expectedSize: 0)
                try await writer.commit()
                names.append(writer.name)
            }
            let kept = Set(names.prefix(20))
            #expect(
                try await store.deleteOrphans(writtenBefore: .max) { names in names.filter { !kept.contains($0) } }
                    == 280)
            #expect(Set(try await store.names(writtenBefore: .max, after: "", limit: 999)) == kept)
            #expect(try await store.deleteOrphans(writtenBefore: 0) { $0 } == 0)
        }
    }

    @Test func `an empty blob is a blob`() async throws {
        try await withStore { store, _ in
            let writer = try await store.create(expectedSize: 0)
            try await writer.commit()
            #expect(try await store.open(writer.name).size == 0)
        }
    }

    @Test func `nothing is visible before the commit or after a discard`() async throws {
        try await withStore { store, _ in
            let writer = try await store.create(expectedSize: nil)
            try await writer.append([UInt8](repeating: 7, count: 1 << 20))
            #expect(await code { try await store.open(writer.name) } == .missing)
            await writer.discard()
            #expect(await code { try await store.open(writer.name) } == .missing)
            #expect(try await store.names(writtenBefore: .max, after: "", limit: 9).isEmpty)
        }
    }

    @Test func `what a crash left in the temporary folder is removed at the next start`() async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let pool = try BlockingPool(threads: 1, queueLimit: 16)
        var first: FileBlobStore? = try FileBlobStore(directory: folder.path, pool: pool)
        let lost = try await #require(first).create(expectedSize: nil)
        try await lost.append([UInt8](repeating: 1, count: 1 << 20))
        let kept = try await #require(first).create(expectedSize: nil)
        try await kept.commit()
        first = nil
        let again = try FileBlobStore(directory: folder.path, pool: pool)
        #expect(try await again.names(writtenBefore: .max, after: "", limit: 9) == [kept.name])
        await #expect(throws: BlobStoreError.self) { try await lost.commit() }
    }

    @Test func `a folder belongs to one store`() async throws {
        try await withStore { store, folder in
            let error = #expect(throws: BlobStoreError.self) {
                try FileBlobStore(directory: folder, pool: try BlockingPool(threads: 1, queueLimit: 1))
            }
            #expect(error?.code == .unusable && error?.message.contains(folder) == true)
            withExtendedLifetime(store) {}
        }
    }

    @Test func `a shared blob has names of its own, takes no further room and outlives the other`() async throws {
        try await withStore { store, _ in
            let names = [try await commit([1, 2, 3], to: store), try await commit([4], to: store)]
            let copies = try await store.share(names)
            #expect(Set(copies).isDisjoint(with: names))
            for name in names { try await store.delete(name) }
            #expect(try await store.open(copies[0]).read(at: 0, count: 9) == [1, 2, 3])
            #expect(try await store.open(copies[1]).read(at: 0, count: 9) == [4])
            #expect(try await store.names(writtenBefore: .max, after: "", limit: 9) == copies.sorted())
        }
    }

    @Test func `nothing is shared when one of the blobs is gone`() async throws {
        try await withStore { store, _ in
            let name = try await commit([1], to: store)
            for gone in [String(repeating: "0", count: 32), "../../etc/passwd"] {
                #expect(await code { try await store.share([name, gone]) } == .missing)
            }
            #expect(try await store.names(writtenBefore: .max, after: "", limit: 9) == [name])
        }
    }

    @Test func `a blob shared just now is as young as one written just now`() async throws {
        try await withStore { store, folder in
            let name = try await commit([1], to: store)
            let path = "\(folder)/blobs/\(name.prefix(2))/\(name)"
            let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
            let copies = try await store.share([name])
            #expect(try await store.names(writtenBefore: 1_000, after: "", limit: 9).isEmpty)
            #expect(copies.count == 1)
        }
    }

    @Test func `a reader survives the deletion of its blob`() async throws {
        try await withStore { store, _ in
            let writer = try await store.create(expectedSize: nil)
            try await writer.append([1, 2, 3])
            try await writer.commit()
            let reader = try await store.open(writer.name)
            try await store.delete(writer.name)
            try await store.delete(writer.name)
            #expect(try await reader.read(at: 0, count: 3) == [1, 2, 3])
            #expect(await code { try await store.open(writer.name) } == .missing)
        }
    }

    @Test(arguments: [1 << 60, Int64.max])
    func `a size beyond the disk is refused before the first byte`(_ size: Int64) async throws {
        try await withStore { store, _ in
            #expect(await code { try await store.create(expectedSize: size) } == .full)
        }
    }

    @Test func `a name that is no blob's never becomes a path`() async throws {
        try await withStore { store, _ in
            #expect(await code { try await store.open("../../../../etc/passwd") } == .missing)
        }
    }

    @Test func `names come in order, in pages, and only old ones`() async throws {
        try await withStore { store, _ in
            var names: [String] = []
            for _ in 0..<7 {
                let writer = try await store.create(expectedSize: nil)
                try await writer.commit()
                names.append(writer.name)
            }
            names.sort()
            #expect(try await store.names(writtenBefore: .max, after: "", limit: 4) == Array(names.prefix(4)))
            #expect(try await store.names(writtenBefore: .max, after: names[3], limit: 4) == Array(names.suffix(3)))
            #expect(try await store.names(writtenBefore: 1, after: "", limit: 9).isEmpty)
        }
    }

    @Test func `a folder that cannot be made is refused by name`() {
        let error = #expect(throws: BlobStoreError.self) {
            try FileBlobStore(directory: "/proc/weir", pool: try BlockingPool(threads: 1, queueLimit: 1))
        }
        #expect(error?.message.contains("/proc/weir") == true)
    }

    private func withStore(_ body: (FileBlobStore, String) async throws -> Void) async throws {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let pool = try BlockingPool(threads: 2, queueLimit: 64)
        try await body(try FileBlobStore(directory: folder.path, pool: pool), folder.path)
    }

    private func commit(_ bytes: [UInt8], to store: FileBlobStore) async throws -> String {
        let writer = try await store.create(expectedSize: Int64(bytes.count))
        try await writer.append(bytes)
        try await writer.commit()
        return writer.name
    }

    private func code(_ body: () async throws -> some Any) async -> BlobStoreError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? BlobStoreError)?.code
        }
    }
}
