import Catalog
import HTTPServer
import HTTPWire
import S3Gateway
import Testing

@Suite struct UploadListTests {
    @Test func `parts are listed in pages`() async throws {
        let bench = try Bench()
        let upload = try await MultipartClient(bench, to: "/media/k")
        for number in [5, 1, 3] { _ = try await upload.put(number, [UInt8(number)]) }
        var (found, marker): ([String], String) = ([], "")
        repeat {
            let response = await bench.send(
                try bench.request(.get, "/media/k?uploadId=\(upload.id)&max-parts=2\(marker)"))
            #expect(response.status == .ok && response.between("<UploadId>", "</UploadId>") == upload.id)
            found += response.all("PartNumber")
            #expect(response.all("Size").allSatisfy { $0 == "1" })
            let next = response.between("<NextPartNumberMarker>", "</NextPartNumberMarker>")
            marker = response.between("<IsTruncated>", "</IsTruncated>") == "true" ? "&part-number-marker=\(next)" : ""
        } while !marker.isEmpty
        #expect(found == ["1", "3", "5"])
        #expect(await bench.send(try bench.request(.get, "/media/k?uploadId=none")).code == "NoSuchUpload")
    }

    @Test func `uploads under way are listed in pages, below a prefix`() async throws {
        let bench = try Bench()
        for key in ["b/2", "a", "b/1", "b/1"] { _ = try await MultipartClient(bench, to: "/media/\(key)") }
        let done = try await MultipartClient(bench, to: "/media/b/3")
        _ = try await done.abort()
        var (found, marker): ([String], String) = ([], "")
        repeat {
            let response = await bench.send(
                try bench.request(.get, "/media?uploads&prefix=b%2F&max-uploads=2\(marker)"))
            #expect(response.status == .ok)
            found += response.all("Key")
            let key = response.between("<NextKeyMarker>", "</NextKeyMarker>")
            let id = response.between("<NextUploadIdMarker>", "</NextUploadIdMarker>")
            marker = key.isEmpty ? "" : "&key-marker=\(key.replacing("/", with: "%2F"))&upload-id-marker=\(id)"
        } while !marker.isEmpty
        #expect(found == ["b/1", "b/1", "b/2"])
        let rest = await bench.send(try bench.request(.get, "/media?uploads&key-marker=b%2F1&encoding-type=url"))
        #expect(rest.all("Key") == ["b/2"])
    }

    @Test(arguments: 1...4)
    func `uploads that lie deeper than a delimiter are folded, a folder in one step`(pageSize: Int) async throws {
        let bench = try Bench()
        let object = try await described(bench)
        try await bench.catalog.write { transaction in
            for number in 0..<600 {
                var deep = object
                deep.key = "b/deep/\(number)"
                try transaction.insert(MultipartUpload(id: "deep-\(number)", object: deep))
            }
        }
        for key in ["a", "b/2", "b/2", "b/e/1", "b/f", "c"] {
            _ = try await MultipartClient(bench, to: "/media/\(key)")
        }
        var (keys, prefixes, marker): ([String], [String], String) = ([], [], "")
        repeat {
            let response = await bench.send(
                try bench.request(
                    .get, "/media?uploads&prefix=b%2F&delimiter=%2F&max-uploads=\(pageSize)\(marker)"))
            #expect(response.status == .ok && response.between("<Delimiter>", "</Delimiter>") == "/")
            (keys, prefixes) = (keys + response.all("Key"), prefixes + response.all("CommonPrefixes"))
            #expect(response.all("Key").count + response.all("CommonPrefixes").count <= pageSize)
            let key = response.between("<NextKeyMarker>", "</NextKeyMarker>")
            let id = response.between("<NextUploadIdMarker>", "</NextUploadIdMarker>")
            #expect(key.isEmpty == (response.between("<IsTruncated>", "</IsTruncated>") == "false"))
            marker = key.isEmpty ? "" : "&key-marker=\(key.replacing("/", with: "%2F"))&upload-id-marker=\(id)"
        } while !marker.isEmpty
        #expect(keys == ["b/2", "b/2", "b/f"])
        #expect(prefixes == ["<Prefix>b/deep/</Prefix>", "<Prefix>b/e/</Prefix>"])
        let none = await bench.send(try bench.request(.get, "/media?uploads&max-uploads=0"))
        #expect(none.all("Key").isEmpty && none.between("<IsTruncated>", "</IsTruncated>") == "false")
    }

    /// An object that an upload may be of.
    private func described(_ bench: Bench) async throws -> StoredObject {
        let upload = try await MultipartClient(bench, to: "/media/model")
        let object = try await bench.catalog.read { try $0.upload(id: upload.id)?.object }
        _ = try await upload.abort()
        return try #require(object)
    }
}
