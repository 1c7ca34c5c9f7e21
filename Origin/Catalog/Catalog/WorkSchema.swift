/// The tables of jobs cut into units of work, and of the segments that units have stored.
enum WorkSchema {
    // A job that was under way begins again with its probe: the worker that had it cut nothing into units, and what it
    // published is cleared when the probe is leased. `jobs.fence` goes on counting, so no old lease is ever good again.
    static let tables = """
        CREATE TABLE jobs_of_units (
            id TEXT PRIMARY KEY, video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            owner_id TEXT NOT NULL, source_bucket TEXT NOT NULL, source_key TEXT NOT NULL, source_size INTEGER NOT NULL,
            source_etag TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
            fence INTEGER NOT NULL, generation INTEGER NOT NULL, is_final INTEGER NOT NULL,
            failure_reason TEXT, failure_detail TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO jobs_of_units
            SELECT j.id, j.video_id, v.owner_id, j.source_bucket, j.source_key, j.source_size, j.source_etag,
                CASE j.state WHEN 'leased' THEN 'queued' ELSE j.state END, j.fence, 1, j.state = 'done',
                j.failure_reason, j.failure_detail, j.created_at, j.updated_at
            FROM jobs j JOIN videos v ON v.id = j.video_id;

        CREATE TABLE job_units (
            job_id TEXT NOT NULL REFERENCES jobs_of_units (id) ON DELETE CASCADE, number INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('probe', 'pictures', 'sound', 'finish')),
            state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'dead', 'cancelled')),
            detail TEXT, is_opening INTEGER NOT NULL, effort_seconds REAL NOT NULL, memory_mebibytes INTEGER NOT NULL,
            fence INTEGER NOT NULL, attempts INTEGER NOT NULL, available_at INTEGER NOT NULL,
            lease_expires_at INTEGER CHECK ((state = 'leased') = (lease_expires_at IS NOT NULL)),
            worker_id TEXT, progress REAL NOT NULL, failure_reason TEXT, failure_detail TEXT, notes TEXT,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (job_id, number)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO job_units
            SELECT id, 0, 'probe', CASE state WHEN 'dead' THEN 'dead' ELSE 'queued' END, NULL, 1,
                max(1.0, source_size / 500000.0), 0, fence, attempts, available_at, NULL, worker_id, 0.0, failure_reason,
                failure_detail, NULL, updated_at
            FROM jobs WHERE state <> 'done';
        UPDATE videos SET status = 'queued', progress = 0, playable = 0 WHERE status IN ('queued', 'probing', 'transcoding');
        DELETE FROM renditions WHERE video_id IN (SELECT id FROM videos WHERE status = 'queued');
        DROP TABLE jobs;
        ALTER TABLE jobs_of_units RENAME TO jobs;
        CREATE INDEX jobs_by_video ON jobs (video_id);
        CREATE INDEX jobs_by_creation ON jobs (created_at, id);
        CREATE INDEX jobs_unfinished ON jobs (created_at, id) WHERE state IN ('queued', 'running');
        CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
        CREATE INDEX job_units_given_up ON job_units (state) WHERE state IN ('dead', 'cancelled');
        CREATE INDEX job_units_queued ON job_units (job_id, number) WHERE state = 'queued';
        CREATE INDEX job_units_leased ON job_units (lease_expires_at) WHERE state = 'leased';

        CREATE TABLE job_plans (
            job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE, outline TEXT NOT NULL, media TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE job_renditions (
            job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL,
            effort REAL NOT NULL, stored_segments INTEGER NOT NULL, stored_microseconds INTEGER NOT NULL,
            run_segments INTEGER NOT NULL, published_segments INTEGER NOT NULL, published_microseconds INTEGER NOT NULL,
            PRIMARY KEY (job_id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE segments (
            job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, rendition INTEGER NOT NULL,
            number INTEGER NOT NULL, bytes INTEGER NOT NULL, duration_microseconds INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            PRIMARY KEY (job_id, rendition, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE served_owners (
            owner_id TEXT PRIMARY KEY, effort_seconds REAL NOT NULL, served_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE conformance_reports (
            video_id TEXT PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE, report TEXT NOT NULL,
            checked_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    static let byProducts = """
        ALTER TABLE segments ADD COLUMN fragments TEXT;
        ALTER TABLE job_renditions ADD COLUMN file_ending TEXT NOT NULL DEFAULT 'm4s';
        """
}
