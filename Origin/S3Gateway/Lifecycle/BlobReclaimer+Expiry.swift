internal import Catalog

extension BlobReclaimer {
    private static let pageKeys = 256

    /// Removes every object whose bucket has a rule by which it has expired; returns how many.
    ///
    /// A rule that cannot be read removes nothing.
    @discardableResult
    public func expireObjects() async throws -> Int {
        let settings = try await catalog.read { reader in
            try reader.documents(.lifecycle).keys.sorted().compactMap { bucket in
                try LifecycleConfiguration.of(bucket, reader).map { (bucket, $0.rules) }
            }
        }
        var expired = 0
        for (bucket, rules) in settings {
            for rule in rules where rule.isEnabled && rule.expiration != nil {
                expired += try await expire(rule, in: bucket)
            }
        }
        return expired
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
