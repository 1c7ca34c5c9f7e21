internal import Catalog
internal import Presentation

/// The account of a job's renditions while segments are added to it, inside one transaction.
struct SegmentLedger {
    private let jobId: String
    private var accounts: [RenditionAccount]
    private var changed: Set<Int> = []

    init(jobId: String, in reader: any CatalogReader) throws {
        self.jobId = jobId
        accounts = try reader.renditionAccounts(jobId: jobId)
    }

    /// Adds a segment whose object lies in `folder`; one that is known changes nothing.
    mutating func add(
        _ segment: StoredSegment, to folder: String, _ bucket: String, in transaction: any CatalogTransaction
    ) throws {
        let name = accounts[segment.rendition].name
        if let known = try transaction.segment(
            jobId: jobId, rendition: segment.rendition, number: segment.number)
        {
            guard known == segment else { throw UnitRefusal.segmentDiffers(rendition: name, number: segment.number) }
            return
        }
        let ending = accounts[segment.rendition].fileEnding
        let key = "\(folder)\(name)/\(StoredSegment.fileName(segment.number, ending: ending))"
        guard try transaction.object(bucket: bucket, key: key)?.size == Int64(segment.bytes) else {
            throw UnitRefusal.segmentNotStored(key: key)
        }
        try transaction.insert(segment, jobId: jobId)
        var account = accounts[segment.rendition]
        account.storedSegments += 1
        account.storedMicroseconds += segment.durationMicroseconds
        while account.runSegments < account.storedSegments,
            try transaction.segment(jobId: jobId, rendition: segment.rendition, number: account.runSegments + 1) != nil
        {
            account.runSegments += 1
        }
        accounts[segment.rendition] = account
        changed.insert(segment.rendition)
    }

    /// Stores what has changed.
    func save(in transaction: any CatalogTransaction) throws {
        for rendition in changed.sorted() { try transaction.save(accounts[rendition], jobId: jobId) }
    }

    /// How much of the work on the video is stored, 0 to 1 less the share of what follows.
    func progress(durationSeconds: Double) -> Double {
        let whole = accounts.reduce(0) { $0 + $1.effort } * durationSeconds
        guard whole > 0 else { return 0 }
        let done = accounts.reduce(0) { $0 + $1.effort * Double($1.storedMicroseconds) / 1_000_000 }
        return min(1, done / whole) * Video.publishedProgress
    }
}
