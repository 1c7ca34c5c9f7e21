/// The table of the queues.
enum QueueSchema {
    // The first index answers who is next and how much there is without a look at the rows, for which it must
    // have the column of its own condition. Ids are never given twice, since
    // they are the sequencers of events.
    //
    // Events that wait in the table of before become messages; their keys are percent-encoded byte by byte.
    static let tables = """
        CREATE TABLE queue_messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_group TEXT NOT NULL, body TEXT NOT NULL,
            receives INTEGER NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL, dead_at INTEGER,
            reason TEXT
        ) STRICT;
        CREATE INDEX queue_messages_live ON queue_messages (queue, message_group, visible_at, id, sent_at, dead_at)
            WHERE dead_at IS NULL;
        CREATE INDEX queue_messages_dead ON queue_messages (queue, dead_at, id) WHERE dead_at IS NOT NULL;

        WITH RECURSIVE encoded (event, rest, done) AS (
            SELECT id, CAST(key AS BLOB), '' FROM object_events
            UNION ALL
            SELECT event, substr(rest, 2), done || CASE
                WHEN CAST(substr(rest, 1, 1) AS TEXT) GLOB '[A-Za-z0-9._~/-]' THEN CAST(substr(rest, 1, 1) AS TEXT)
                ELSE '%' || hex(substr(rest, 1, 1)) END
            FROM encoded WHERE length(rest) > 0
        )
        INSERT INTO queue_messages (id, queue, message_group, body, receives, sent_at, visible_at)
        SELECT id, 'object-events', '', json_object('Records', json_array(json_object(
            'eventVersion', '2.4', 'eventSource', 'aws:s3', 'awsRegion', '',
            'eventTime', strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'), 'eventName', name,
            'responseElements', json_object('x-amz-request-id', request_id),
            's3', json_object('s3SchemaVersion', '1.0', 'bucket', json_object('name', bucket),
                'object', json_object('key', done, 'size', size, 'eTag', etag, 'sequencer', printf('%016X', id)))))),
            0, created_at, created_at
        FROM encoded JOIN object_events ON id = event WHERE length(rest) = 0 ORDER BY id;
        DROP TABLE object_events;
        """
}
