internal import Audit
internal import Catalog
internal import Crypto
internal import JSON

/// Invalidations as rows and entries of the control log.
struct InvalidationService: Sendable {
    let catalog: any CatalogStore
    let log: ControlLog
    let now: @Sendable () -> Int64

    /// Records a batch, or finds the one its caller recorded before under the same reference.
    func create(_ batch: InvalidationBatch, distributionId: String) async throws -> Invalidation {
        let (invalidation, isNew) = try await catalog.write { [self] transaction in
            let earlier = try transaction.invalidation(
                callerReference: batch.callerReference, distributionId: distributionId)
            if let earlier {
                guard earlier.paths == batch.paths else { throw CloudFrontError.alreadyExists }
                return (earlier, false)
            }
            try log.settle(transaction)
            try checkQuota(try transaction.openInvalidations(distributionId: distributionId), batch)
            let sequence = try log.append(.purge(EdgeOrder.Purge(batch.items, of: distributionId)), in: transaction)
            let invalidation = Invalidation(
                id: "I\(SecureRandom.uppercaseAlphanumeric(13))", distributionId: distributionId,
                callerReference: batch.callerReference, paths: batch.paths, sequence: sequence, createdAt: now())
            try transaction.insert(invalidation)
            try transaction.record(
                AuditAct(
                    .invalidationCreated, of: .invalidation(invalidation.id),
                    ["distribution": .string(distributionId), "paths": .integer(Int64(batch.paths.count))]),
                at: invalidation.createdAt)
            try log.settle(transaction)
            return (
                try transaction.invalidation(id: invalidation.id, distributionId: distributionId) ?? invalidation, true
            )
        }
        if isNew { log.announce() }
        return invalidation
    }

    /// The invalidation as it stands now; nil when there is none.
    func find(id: String, distributionId: String) async throws -> Invalidation? {
        let found = try await catalog.read { try $0.invalidation(id: id, distributionId: distributionId) }
        guard let found, found.completedAt == nil else { return found }
        // An edge that went away no longer holds it up, and nobody has called since.
        return try await catalog.write { [self] transaction in
            try log.settle(transaction)
            return try transaction.invalidation(id: id, distributionId: distributionId)
        }
    }

    /// A slice of the invalidations, newest first, and whether there are more.
    func list(
        distributionId: String, after marker: String?, limit: Int
    ) async throws -> (invalidations: [Invalidation], isTruncated: Bool) {
        let found = try await catalog.write { [self] transaction in
            try log.settle(transaction)
            return try transaction.invalidations(distributionId: distributionId, after: marker, limit: limit + 1)
        }
        return (Array(found.prefix(limit)), found.count > limit)
    }

    private func checkQuota(_ open: [Invalidation], _ batch: InvalidationBatch) throws(CloudFrontError) {
        let paths = open.reduce(batch.paths.count) { $0 + $1.paths.count }
        let wildcards = open.reduce(InvalidationBatch.wildcards(in: batch.paths)) {
            $0 + InvalidationBatch.wildcards(in: $1.paths)
        }
        guard paths <= InvalidationLimits.paths, wildcards <= InvalidationLimits.wildcards else {
            throw .tooManyInProgress
        }
    }
}
