/// The tables of what people think of videos and whom they follow.
enum SocialSchema {
    // Counters are kept by triggers: whatever takes a row away, be it an account or a video that goes, they stay right, and
    // no program reads a number to write another. What an account leaves goes with it.
    static let tables = """
        CREATE TABLE video_likes (
            video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE, account_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (video_id, account_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX video_likes_by_account ON video_likes (account_id);
        CREATE TRIGGER likes_grow AFTER INSERT ON video_likes BEGIN
            UPDATE videos SET likes = likes + 1 WHERE id = NEW.video_id;
        END;
        CREATE TRIGGER likes_shrink AFTER DELETE ON video_likes BEGIN
            UPDATE videos SET likes = likes - 1 WHERE id = OLD.video_id;
        END;

        CREATE TABLE channels (account_id TEXT PRIMARY KEY, subscribers INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE subscriptions (
            account_id TEXT NOT NULL, channel_id TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (account_id, channel_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX subscriptions_by_time ON subscriptions (account_id, created_at, channel_id);
        CREATE INDEX subscriptions_by_channel ON subscriptions (channel_id);
        CREATE TRIGGER subscribers_grow AFTER INSERT ON subscriptions BEGIN
            INSERT INTO channels SELECT NEW.channel_id, 0
                WHERE NOT EXISTS (SELECT 1 FROM channels WHERE account_id = NEW.channel_id);
            UPDATE channels SET subscribers = subscribers + 1 WHERE account_id = NEW.channel_id;
        END;
        CREATE TRIGGER subscribers_shrink AFTER DELETE ON subscriptions BEGIN
            UPDATE channels SET subscribers = subscribers - 1 WHERE account_id = OLD.channel_id;
        END;

        CREATE TABLE trending (
            video_id TEXT PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE, heat REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX trending_by_heat ON trending (heat);

        CREATE TABLE comment_rules (
            video_id TEXT PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
            rule TEXT NOT NULL CHECK (rule IN ('open', 'moderated', 'closed'))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE comments (
            id TEXT PRIMARY KEY, video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
            parent_id TEXT REFERENCES comments (id) ON DELETE CASCADE, author_id TEXT NOT NULL,
            author_name TEXT NOT NULL, text TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('visible', 'pending', 'hidden')), created_at INTEGER NOT NULL,
            edited_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX comments_by_thread ON comments (video_id, parent_id, created_at, id);
        CREATE INDEX comments_by_state ON comments (video_id, state, created_at, id) WHERE state <> 'visible';
        CREATE INDEX comments_by_parent ON comments (parent_id, state) WHERE parent_id IS NOT NULL;
        CREATE INDEX comments_by_author ON comments (author_id, created_at);

        CREATE TRIGGER opinions_leave_with_account AFTER DELETE ON identity_users BEGIN
            DELETE FROM video_likes WHERE account_id = OLD.id;
            DELETE FROM subscriptions WHERE account_id = OLD.id OR channel_id = OLD.id;
            DELETE FROM channels WHERE account_id = OLD.id;
            DELETE FROM comments WHERE author_id = OLD.id;
        END;
        """
}
