/// A batch of paths that somebody asked every edge to forget, as CloudFront's API shows it.
public struct Invalidation: Sendable, Equatable {
    /// `I` and 13 capitals and digits.
    public var id: String
    /// The distribution it was asked of.
    public var distributionId: String
    /// The caller's own name for it; the same one twice is the same batch.
    public var callerReference: String
    /// As given.
    public var paths: [String]
    /// Its entry in the control log.
    public var sequence: Int64
    /// Epoch milliseconds.
    public var createdAt: Int64
    /// Epoch milliseconds at which every connected edge had carried it out; nil while one has not.
    public var completedAt: Int64?

    /// Makes an invalidation.
    public init(
        id: String, distributionId: String, callerReference: String, paths: [String], sequence: Int64,
        createdAt: Int64, completedAt: Int64? = nil
    ) {
        self.id = id
        self.distributionId = distributionId
        self.callerReference = callerReference
        self.paths = paths
        self.sequence = sequence
        self.createdAt = createdAt
        self.completedAt = completedAt
    }
}

/// Reads invalidations.
public protocol InvalidationReader {
    /// The invalidation of a distribution by its id.
    func invalidation(id: String, distributionId: String) throws -> Invalidation?
    /// The invalidation of a distribution by the caller's name for it.
    func invalidation(callerReference: String, distributionId: String) throws -> Invalidation?
    /// A slice of a distribution's invalidations, newest first, behind the one whose id is `marker`.
    func invalidations(distributionId: String, after marker: String?, limit: Int) throws -> [Invalidation]
    /// Those of a distribution that some edge has not carried out.
    func openInvalidations(distributionId: String) throws -> [Invalidation]
}

/// Writes invalidations.
public protocol InvalidationWriter {
    /// Adds an invalidation, in the transaction that appends its control entry.
    func insert(_ invalidation: Invalidation) throws
    /// Completes all that end at `sequence` or before; they stay complete whoever connects later.
    func completeInvalidations(upTo sequence: Int64, now: Int64) throws
}
