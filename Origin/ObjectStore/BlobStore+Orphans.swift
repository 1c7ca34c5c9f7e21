extension BlobStore {
    /// Deletes blobs last committed before `epochSeconds`, those that `orphans` picks of them; returns how many.
    ///
    /// The age keeps blobs alive whose row is about to be written.
    public func deleteOrphans(
        writtenBefore epochSeconds: Int64, among orphans: ([String]) async throws -> [String]
    ) async throws -> Int {
        var (deleted, start) = (0, "")
        while true {
            let names = try await names(writtenBefore: epochSeconds, after: start, limit: 256)
            guard let last = names.last else { return deleted }
            for orphan in try await orphans(names) {
                try await delete(orphan)
                deleted += 1
            }
            start = last
        }
    }
}
