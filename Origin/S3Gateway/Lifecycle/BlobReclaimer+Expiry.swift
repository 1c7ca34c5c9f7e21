internal import Catalog

extension BlobReclaimer {
    private static let pageKeys = 256

    /// Removes every object whose bucket has a rule by which it has expired; returns how many.
    ///
    /// A rule that cannot be read removes nothing.
    @discardableResult
    public func expireObjects() async throws -> Int {
        var expired = 0
        for (bucket, rule) in try await rules() where rule.expiration != nil {
            expired += try await expire(rule, in: bucket)
        }
        return expired
    }

    /// Aborts every upload in parts that has taken longer than a rule of its bucket allows; returns how many.
    func abortUploadsByRules() async throws -> Int {
        var aborted = 0
        for (bucket, rule) in try await rules() where rule.abortUploadAfterDays != nil {
            aborted += try await abortUploads(by: rule, in: bucket)
        }
        return aborted
    }

    /// Those in force, of all buckets.
    private func rules() async throws -> [(bucket: String, rule: LifecycleRule)] {
        try await catalog.read { reader in
            try reader.documents(.lifecycle).keys.sorted().flatMap { bucket in
                (try LifecycleConfiguration.of(bucket, reader)?.rules ?? []).filter(\.isEnabled).map {
                    (bucket: bucket, rule: $0)
                }
            }
        }
    }

    private func abortUploads(by rule: LifecycleRule, in bucket: String) async throws -> Int {
        var (aborted, after) = (0, (key: "", id: ""))
        while true {
            let (start, now) = (after, now())
            let page = try await catalog.read {
                try $0.uploads(bucket: bucket, prefix: rule.filter.prefix, after: start, limit: Self.pageKeys)
            }
            guard let last = page.last else { return aborted }
            let late = page.filter { rule.abortsUpload(createdAt: $0.object.createdAt, now: now) }.map(\.id)
            if !late.isEmpty {
                // One that has been completed since is none any more.
                aborted += try await catalog.write { transaction in
                    try late.count { try transaction.deleteUpload(id: $0) }
                }
            }
            after = (last.object.key, last.id)
        }
    }

    private func expire(_ rule: LifecycleRule, in bucket: String) async throws -> Int {
        var (expired, start) = (0, "")
        while true {
            let (from, now) = (start, now())
            let (found, last) = try await catalog.read { reader in
                let page = try reader.objects(
                    bucket: bucket, prefix: rule.filter.prefix, from: from, limit: Self.pageKeys)
                let found = try page.filter { object in
                    try rule.expires(createdAt: object.createdAt, now: now)
                        && rule.filter.holds(object, tags: reader.tags(ofObjectWithBlob: object.blob))
                }
                return (found, page.last?.key)
            }
            guard let last else { return expired }
            if !found.isEmpty { expired += try await remove(found) }
            start = last + "\u{0}"
        }
    }

    /// One that was stored again since is another, younger object and stays.
    private func remove(_ objects: [StoredObject]) async throws -> Int {
        try await catalog.write { transaction in
            try objects.count { object in
                guard try transaction.object(bucket: object.bucket, key: object.key)?.blob == object.blob else {
                    return false
                }
                return try transaction.deleteObject(bucket: object.bucket, key: object.key) != nil
            }
        }
    }
}
