/// What lists and searches of the library rest on: which shelf a video stands on, and the words it is found by.
enum LibrarySchema {
    // Shelf 1 is what everybody sees in lists, 0 what its owner and administrators see, 2 the trash. A list is one shelf in
    // the order of an index, or two of them merged. The words of `audience` let a search stay among what the caller may see;
    // the owner's id is one word in hex, whatever it holds.
    //
    // Numbers grow with the time of making, so a search that goes by them needs no sorting. `video_texts` is what the index of
    // words is of; the writer of videos keeps it, because a schema that is not trusted may have no triggers that write to it.
    static let tables = """
        ALTER TABLE videos ADD COLUMN deleted_at INTEGER;
        ALTER TABLE videos ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE videos ADD COLUMN shelf INTEGER GENERATED ALWAYS AS (
            CASE WHEN deleted_at IS NOT NULL THEN 2 WHEN visibility = 'public' AND playable = 1 THEN 1 ELSE 0 END) VIRTUAL;
        ALTER TABLE videos ADD COLUMN audience TEXT GENERATED ALWAYS AS (
            'o' || hex(owner_id) || CASE WHEN visibility = 'public' AND playable = 1 THEN ' everyone' ELSE '' END) VIRTUAL;
        DROP INDEX videos_by_creation;
        DROP INDEX videos_by_views;
        DROP INDEX videos_by_owner;
        CREATE INDEX videos_shelved_by_creation ON videos (shelf, created_at, id);
        CREATE INDEX videos_shelved_by_views ON videos (shelf, views, id);
        CREATE INDEX videos_owned_by_creation ON videos (owner_id, shelf, created_at, id);
        CREATE INDEX videos_owned_by_views ON videos (owner_id, shelf, views, id);
        CREATE INDEX videos_in_trash ON videos (owner_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
        CREATE INDEX videos_leaving_trash ON videos (deleted_at, id) WHERE deleted_at IS NOT NULL;

        CREATE TABLE video_numbers (number INTEGER PRIMARY KEY, video_id TEXT NOT NULL UNIQUE) STRICT;
        INSERT INTO video_numbers (video_id) SELECT id FROM videos ORDER BY created_at, id;
        CREATE VIEW video_texts AS
            SELECT n.number, v.title, v.description, v.audience, v.id
            FROM video_numbers AS n JOIN videos AS v ON v.id = n.video_id WHERE v.shelf < 2;
        CREATE VIRTUAL TABLE video_search USING fts5 (
            title, description, audience, content = 'video_texts', content_rowid = 'number', columnsize = 0,
            tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4 5');
        INSERT INTO video_search (video_search) VALUES ('rebuild');
        """
}
