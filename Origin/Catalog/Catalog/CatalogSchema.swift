internal import SQLiteDatabase

/// The catalog's schema as numbered steps; a released step is never edited.
enum CatalogSchema {
    static let migrations: [Migration] = [
        Migration(number: 1, name: "library", sql: library),
        Migration(number: 2, name: "identity", sql: IdentitySchema.tables),
        Migration(number: 3, name: "control", sql: ControlSchema.tables),
        Migration(number: 4, name: "signing keys", sql: SigningKeySchema.tables),
        Migration(number: 5, name: "units of work", sql: WorkSchema.tables),
        Migration(number: 6, name: "by-products", sql: WorkSchema.byProducts),
        Migration(number: 7, name: "posters", sql: "ALTER TABLE videos ADD COLUMN poster TEXT;"),
        Migration(number: 8, name: "downloads", sql: DownloadSchema.tables),
        Migration(
            number: 9, name: "options of videos",
            sql: "ALTER TABLE videos ADD COLUMN options TEXT NOT NULL DEFAULT '{}';"),
        Migration(number: 10, name: "content keys", sql: ContentKeySchema.tables),
        Migration(number: 11, name: "codes and groups of accounts", sql: IdentitySchema.codesAndGroups),
        Migration(number: 12, name: "options of app clients", sql: IdentitySchema.clientOptions),
        Migration(number: 13, name: "turns of token keys", sql: IdentitySchema.signingKeyTurns),
        Migration(number: 14, name: "audit log", sql: AuditSchema.tables),
        Migration(number: 15, name: "sign-in with SRP", sql: IdentitySchema.srp),
        Migration(number: 16, name: "applications that sign people in", sql: IdentitySchema.oauth),
        Migration(number: 17, name: "passwords that must be reset", sql: IdentitySchema.resetRequired),
        Migration(number: 18, name: "recovery codes", sql: IdentitySchema.recoveryCodes),
        Migration(number: 19, name: "passkeys", sql: IdentitySchema.passkeys),
        Migration(number: 20, name: "outside providers", sql: ProviderSchema.tables),
        Migration(number: 21, name: "sign-ins of browsers", sql: IdentitySchema.browserSessions),
        Migration(number: 22, name: "authorization codes", sql: IdentitySchema.authorizationCodes),
        Migration(number: 23, name: "last use of sign-ins", sql: IdentitySchema.lastUse),
        Migration(number: 24, name: "user pools", sql: IdentitySchema.pools),
        Migration(number: 25, name: "secrets of pools", sql: IdentitySchema.poolSecrets),
        Migration(number: 26, name: "service accounts", sql: ServiceAccountSchema.tables),
        Migration(number: 27, name: "guesses at second factors", sql: GuessSchema.tables),
        Migration(number: 28, name: "viewing", sql: ViewingSchema.tables),
        Migration(number: 29, name: "queues", sql: QueueSchema.tables),
        Migration(number: 30, name: "calls that may be repeated", sql: IdempotentCallSchema.tables),
        Migration(number: 31, name: "opinions", sql: SocialSchema.tables),
        Migration(number: 32, name: "lists and searches", sql: LibrarySchema.tables),
        Migration(number: 33, name: "buckets and tags", sql: BucketSchema.tables),
        Migration(number: 34, name: "webhooks", sql: WebhookSchema.tables),
        Migration(number: 35, name: "imports", sql: ImportSchema.tables),
        Migration(number: 36, name: "uploads in parts", sql: MultipartSchema.tables),
        Migration(number: 37, name: "tags of uploads in parts", sql: MultipartSchema.tags),
        Migration(number: 38, name: "quotas", sql: QuotaSchema.tables),
        Migration(
            number: 39, name: "chosen posters", sql: "ALTER TABLE videos ADD COLUMN poster_seconds REAL;"),
        Migration(number: 40, name: "captions", sql: CaptionSchema.tables),
        Migration(number: 41, name: "analytics", sql: AnalyticsSchema.tables),
        Migration(number: 42, name: "uploads by tus", sql: TusSchema.tables),
        Migration(number: 43, name: "imports as uploads in parts", sql: ImportSchema.partsAreUploads),
        Migration(number: 44, name: "archive", sql: ArchiveSchema.tables),
    ]

    // Times are epoch milliseconds. Header fields and metadata are JSON objects of strings.
    private static let library = """
        CREATE TABLE videos (
            id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, owner_name TEXT NOT NULL, title TEXT NOT NULL,
            description TEXT NOT NULL, file_name TEXT NOT NULL, content_type TEXT NOT NULL,
            upload_key TEXT NOT NULL UNIQUE, declared_size INTEGER NOT NULL,
            visibility TEXT NOT NULL CHECK (visibility IN ('private', 'unlisted', 'public')),
            status TEXT NOT NULL
                CHECK (status IN ('awaiting_upload', 'queued', 'probing', 'transcoding', 'ready', 'failed')),
            progress REAL NOT NULL CHECK (progress BETWEEN 0 AND 1), playable INTEGER NOT NULL,
            failure_reason TEXT, failure_detail TEXT, duration_seconds REAL, explain TEXT,
            views INTEGER NOT NULL, likes INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX videos_by_creation ON videos (created_at, id);
        CREATE INDEX videos_by_views ON videos (views, id);
        CREATE INDEX videos_by_owner ON videos (owner_id, created_at, id);

        CREATE TABLE renditions (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE, position INTEGER NOT NULL,
            name TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, frame_rate REAL NOT NULL,
            codecs TEXT NOT NULL, bandwidth INTEGER NOT NULL, average_bandwidth INTEGER NOT NULL,
            segments INTEGER NOT NULL, bytes INTEGER NOT NULL,
            PRIMARY KEY (video_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE objects (
            bucket TEXT NOT NULL, key TEXT NOT NULL, blob TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
            etag TEXT NOT NULL, checksums TEXT NOT NULL, content_type TEXT NOT NULL, headers TEXT NOT NULL,
            metadata TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (bucket, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE discarded_blobs (id INTEGER PRIMARY KEY, blob TEXT NOT NULL UNIQUE) STRICT;

        CREATE TABLE object_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,
            size INTEGER NOT NULL, etag TEXT NOT NULL, request_id TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE jobs (
            id TEXT PRIMARY KEY, video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            source_bucket TEXT NOT NULL, source_key TEXT NOT NULL, source_size INTEGER NOT NULL,
            source_etag TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'dead')),
            fence INTEGER NOT NULL, attempts INTEGER NOT NULL, available_at INTEGER NOT NULL,
            lease_expires_at INTEGER CHECK ((state = 'leased') = (lease_expires_at IS NOT NULL)),
            worker_id TEXT, failure_reason TEXT, failure_detail TEXT, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX jobs_by_video ON jobs (video_id);
        CREATE INDEX jobs_waiting ON jobs (available_at, id) WHERE state = 'queued';
        CREATE INDEX jobs_leased ON jobs (lease_expires_at) WHERE state = 'leased';
        CREATE INDEX jobs_by_creation ON jobs (created_at, id);

        CREATE TABLE view_sessions (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE, session_id TEXT NOT NULL,
            account_id TEXT, position_seconds REAL NOT NULL, started_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
            PRIMARY KEY (video_id, session_id)
        ) STRICT, WITHOUT ROWID;
        """
}
