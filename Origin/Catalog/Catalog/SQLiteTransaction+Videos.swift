internal import JSON
internal import MediaPlan
internal import SQLiteDatabase

extension SQLiteTransaction {
    private static let columns = """
        id, owner_id, owner_name, title, description, file_name, content_type, upload_key, declared_size, visibility,
        status, progress, playable, failure_reason, failure_detail, duration_seconds, explain, views, likes, created_at,
        updated_at, poster, options
        """

    func video(id: String) throws -> Video? {
        try connection.first("SELECT \(Self.columns) FROM videos WHERE id = ?", [id], readVideo)
    }

    func video(uploadKey: String) throws -> Video? {
        try connection.first("SELECT \(Self.columns) FROM videos WHERE upload_key = ?", [uploadKey], readVideo)
    }

    func videos(_ query: VideoQuery) throws -> Page<Video> {
        var conditions: [String] = []
        var bindings: [(any SQLBindable)?] = []
        switch query.audience {
        case .everyone:
            conditions.append("visibility = 'public' AND playable = 1")
        case .account(let id):
            conditions.append("(visibility = 'public' AND playable = 1 OR owner_id = ?)")
            bindings.append(id)
        case .administrator: break
        }
        if let ownerId = query.ownerId {
            conditions.append("owner_id = ?")
            bindings.append(ownerId)
        }
        if let text = query.text {
            let pattern = likePattern(containing: text)
            conditions.append("(title LIKE ? ESCAPE '\\' OR description LIKE ? ESCAPE '\\')")
            bindings.append(pattern)
            bindings.append(pattern)
        }
        let (column, direction, comparison) =
            switch query.sort {
            case .newest: ("created_at", "DESC", "<")
            case .oldest: ("created_at", "ASC", ">")
            case .views: ("views", "DESC", "<")
            }
        if let after = query.after {
            conditions.append("(\(column), id) \(comparison) (?, ?)")
            bindings.append(after.value)
            bindings.append(after.id)
        }
        let limit = min(max(query.limit, 1), 100)
        bindings.append(limit + 1)
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let found = try connection.query(
            """
            SELECT \(Self.columns) FROM videos \(filter)
            ORDER BY \(column) \(direction), id \(direction) LIMIT ?
            """, bindings, readVideo)
        guard found.count > limit else { return Page(items: found, next: nil) }
        let items = Array(found.prefix(limit))
        let last = items[limit - 1]
        return Page(items: items, next: PageKey(value: query.sort == .views ? last.views : last.createdAt, id: last.id))
    }

    func insert(_ video: Video) throws {
        try connection.execute(
            "INSERT INTO videos (\(Self.columns)) VALUES (\(Array(repeating: "?", count: 23).joined(separator: ", ")))",
            [
                video.id, video.ownerId, video.ownerName, video.title, video.description, video.fileName,
                video.contentType, video.uploadKey, video.declaredSize, video.visibility.rawValue,
                video.status.rawValue, video.progress, video.playable, video.failure?.reason, video.failure?.detail,
                video.durationSeconds, video.explain, video.views, video.likes, video.createdAt, video.updatedAt,
                video.poster, String(decoding: video.options.json.serialized(), as: UTF8.self),
            ])
        try replaceRenditions(of: video)
    }

    func save(_ video: Video) throws {
        try connection.execute(
            """
            UPDATE videos SET owner_name = ?, title = ?, description = ?, file_name = ?, content_type = ?,
                declared_size = ?, visibility = ?, status = ?, progress = ?, playable = ?, failure_reason = ?,
                failure_detail = ?, duration_seconds = ?, explain = ?, updated_at = ?,
                poster = ?
            WHERE id = ?
            """,
            [
                video.ownerName, video.title, video.description, video.fileName, video.contentType,
                video.declaredSize, video.visibility.rawValue, video.status.rawValue, video.progress, video.playable,
                video.failure?.reason, video.failure?.detail, video.durationSeconds, video.explain,
                video.updatedAt, video.poster, video.id,
            ])
        try replaceRenditions(of: video)
    }

    func deleteVideo(id: String) throws -> Bool {
        try connection.execute("DELETE FROM videos WHERE id = ?", [id]) > 0
    }

    private func replaceRenditions(of video: Video) throws {
        guard try renditions(of: video.id) != video.renditions else { return }
        try connection.execute("DELETE FROM renditions WHERE video_id = ?", [video.id])
        for (position, rendition) in video.renditions.enumerated() {
            try connection.execute(
                "INSERT INTO renditions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    video.id, position, rendition.name, rendition.width, rendition.height, rendition.frameRate,
                    rendition.codecs, rendition.bandwidth, rendition.averageBandwidth, rendition.segments,
                    rendition.bytes,
                ])
        }
    }

    private func renditions(of videoId: String) throws -> [Rendition] {
        try connection.query(
            """
            SELECT name, width, height, frame_rate, codecs, bandwidth, average_bandwidth, segments, bytes
            FROM renditions WHERE video_id = ? ORDER BY position
            """, [videoId]
        ) { row in
            Rendition(
                name: try row.text(0), width: try row.int(1), height: try row.int(2), frameRate: try row.real(3),
                codecs: try row.text(4), bandwidth: try row.integer(5), averageBandwidth: try row.integer(6),
                segments: try row.int(7), bytes: try row.integer(8))
        }
    }

    private func readVideo(_ row: Row) throws -> Video {
        var video = Video(
            id: try row.text(0), ownerId: try row.text(1), ownerName: try row.text(2), title: try row.text(3),
            description: try row.text(4), fileName: try row.text(5), contentType: try row.text(6),
            uploadKey: try row.text(7), declaredSize: try row.integer(8), visibility: try row.choice(9),
            options: try row.options(22),
            createdAt: try row.integer(19))
        video.status = try row.choice(10)
        video.progress = try row.real(11)
        video.playable = try row.bool(12)
        video.failure = try row.failure(13, 14)
        video.durationSeconds = try row.optionalReal(15)
        video.explain = try row.optionalText(16)
        video.views = try row.integer(17)
        video.likes = try row.integer(18)
        video.updatedAt = try row.integer(20)
        video.poster = try row.optionalText(21)
        video.renditions = try renditions(of: video.id)
        return video
    }
}

/// A LIKE pattern that finds `text` anywhere, with `\` as escape. Goes by scalars as SQLite does: to Swift, a wildcard under
/// a combining accent is a character of its own.
private func likePattern(containing text: String) -> String {
    var pattern = "%"
    for scalar in text.unicodeScalars {
        if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.append("\\") }
        pattern.unicodeScalars.append(scalar)
    }
    return pattern + "%"
}

extension Row {
    /// A column that holds one of an enumeration's raw values.
    func choice<Choice: RawRepresentable<String>>(_ column: Int) throws(DatabaseError) -> Choice {
        let raw = try text(column)
        guard let value = Choice(rawValue: raw) else {
            throw DatabaseError(.unexpectedType, "column \(column) holds no \(Choice.self)")
        }
        return value
    }

    /// A column that holds the options of a video.
    func options(_ column: Int) throws(DatabaseError) -> VideoOptions {
        let raw = try text(column)
        guard let json = try? JSONValue.parse(Array(raw.utf8)), let options = try? VideoOptions(json: json) else {
            throw DatabaseError(.unexpectedType, "column \(column) holds no options of a video")
        }
        return options
    }

    /// Two columns that hold a failure's reason and detail, or NULL.
    func failure(_ reason: Int, _ detail: Int) throws(DatabaseError) -> VideoFailure? {
        guard let reason = try optionalText(reason) else { return nil }
        return VideoFailure(reason: reason, detail: try optionalText(detail) ?? "")
    }
}
