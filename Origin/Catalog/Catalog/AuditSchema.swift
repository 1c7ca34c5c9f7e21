/// The tables of the audit log.
enum AuditSchema {
    // The triggers keep our own mistakes and hasty hands away. Somebody who can write the file can drop them; what such a
    // person cannot do is compute `hash` and `seal`. REPLACE does not fire triggers on deletion, hence those on insertion.
    // The head is a row of its own: where several transactions write at once, its lock makes one chain of their entries.
    static let tables = """
        CREATE TABLE audit_log (
            sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TABLE audit_head (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1), sequence INTEGER NOT NULL, hash BLOB NOT NULL,
            seal BLOB NOT NULL
        ) STRICT;
        INSERT INTO audit_head VALUES (1, 0, zeroblob(32), x'');

        CREATE TRIGGER audit_log_grows_at_its_end BEFORE INSERT ON audit_log
            WHEN NEW.sequence IS NOT (SELECT sequence + 1 FROM audit_head)
            BEGIN SELECT RAISE(ABORT, 'entries of the audit log are numbered without gaps'); END;
        CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
            BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
        CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
            BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
        CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
            BEGIN SELECT RAISE(ABORT, 'the audit log has one head'); END;
        CREATE TRIGGER audit_head_follows BEFORE UPDATE ON audit_head
            WHEN NEW.sequence IS NOT OLD.sequence + 1
                OR NEW.hash IS NOT (SELECT hash FROM audit_log WHERE sequence = NEW.sequence)
            BEGIN SELECT RAISE(ABORT, 'the head of the audit log follows its entries'); END;
        CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
            BEGIN SELECT RAISE(ABORT, 'the audit log has one head'); END;
        """
}
