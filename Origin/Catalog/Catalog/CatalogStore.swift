/// The library's data: videos, objects, events, jobs, views and what edges are told, behind transactions.
///
/// Written so that a server database fits as well as an embedded one: every change happens in a `write`, whose body is
/// synchronous, may be run again after a serialization failure, and therefore touches nothing but its transaction.
public protocol CatalogStore: Sendable {
    /// Runs `body` on one consistent snapshot.
    func read<R: Sendable>(_ body: @escaping @Sendable (any CatalogReader) throws -> R) async throws -> R

    /// Runs `body` in one transaction: all of it is durable when this returns, none of it when this throws.
    func write<R: Sendable>(_ body: @escaping @Sendable (any CatalogTransaction) throws -> R) async throws -> R
}

/// What a snapshot can answer; inside a `write`, a row that is read stays locked until the transaction ends.
public protocol CatalogReader: VideoReader, QuotaReader, CaptionReader, BucketReader, ObjectReader, QueueReader,
    JobReader, JobUnitReader, WebhookReader, ImportReader, ObjectPieceReader, MultipartUploadReader, TusUploadReader,
    ArchiveReader, SegmentReader, ContentKeyReader, DownloadReader, ViewReader, LikeReader,
    ChannelReader, TrendingReader, CommentReader, StatisticsReader,
    ControlLogReader, InvalidationReader, SigningKeyReader,
    ServiceAccountReader, SealedValueReader, IdempotentCallReader, AuditReader
{}

/// What a transaction can change.
public protocol CatalogTransaction: CatalogReader, VideoWriter, QuotaWriter, CaptionWriter, BucketWriter, ObjectWriter,
    QueueWriter, JobWriter, WebhookWriter, ImportWriter, ObjectPieceWriter, MultipartUploadWriter, TusUploadWriter,
    ArchiveWriter, JobUnitWriter, SegmentWriter, ContentKeyWriter, DownloadWriter, ViewWriter, LikeWriter,
    ChannelWriter, CommentWriter, StatisticsWriter, ControlLogWriter, InvalidationWriter,
    SigningKeyWriter, ServiceAccountWriter, SealedValueWriter, IdempotentCallWriter, AuditWriter
{}

/// One slice of a list and where the next one starts.
public struct Page<Item: Sendable>: Sendable {
    /// The slice, in the order asked for.
    public let items: [Item]
    /// The key of the last item, when there is more.
    public let next: PageKey?

    /// Makes a page.
    public init(items: [Item], next: PageKey?) {
        self.items = items
        self.next = next
    }
}

/// The place of an item in a sorted list: its sort value, then its id.
public struct PageKey: Sendable, Equatable {
    /// The value sorted by, such as the creation time.
    public let value: Int64
    /// The id that breaks ties.
    public let id: String

    /// Makes a key.
    public init(value: Int64, id: String) {
        self.value = value
        self.id = id
    }
}
