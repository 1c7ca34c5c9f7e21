internal import JSON
internal import MediaPlan
internal import SQLiteDatabase

extension SQLiteTransaction {
    static let videoColumns = """
        id, owner_id, owner_name, title, description, file_name, content_type, upload_key, declared_size, visibility,
        status, progress, playable, failure_reason, failure_detail, duration_seconds, explain, views, likes, created_at,
        updated_at, poster, options, deleted_at, edition, poster_seconds
        """

    func video(id: String) throws -> Video? {
        try video("WHERE id = ?", id)
    }

    func video(uploadKey: String) throws -> Video? {
        try video("WHERE upload_key = ?", uploadKey)
    }

    private func video(_ condition: String, _ value: String) throws -> Video? {
        let found = try connection.first(
            "SELECT \(Self.videoColumns) FROM videos \(condition)", [value], Self.readVideo)
        return try found.flatMap { try withRenditions([$0]).first }
    }

    func insert(_ video: Video) throws {
        try connection.execute(
            "INSERT INTO videos (\(Self.videoColumns)) VALUES (\(Array(repeating: "?", count: 26).joined(separator: ", ")))",
            [
                video.id, video.ownerId, video.ownerName, video.title, video.description, video.fileName,
                video.contentType, video.uploadKey, video.declaredSize, video.visibility.rawValue,
                video.status.rawValue, video.progress, video.playable, video.failure?.reason, video.failure?.detail,
                video.durationSeconds, video.explain, video.views, video.likes, video.createdAt, video.updatedAt,
                video.poster, String(decoding: video.options.json.serialized(), as: UTF8.self), video.deletedAt,
                video.edition, video.posterSeconds,
            ])
        try connection.execute("INSERT INTO video_numbers (video_id) VALUES (?)", [video.id])
        try reindex(video.id, from: nil)
        try replaceRenditions(of: video)
    }

    func save(_ video: Video) throws {
        let before = try indexedTexts(of: video.id)
        try connection.execute(
            """
            UPDATE videos SET owner_name = ?, title = ?, description = ?, file_name = ?, content_type = ?,
                declared_size = ?, visibility = ?, status = ?, progress = ?, playable = ?, failure_reason = ?,
                failure_detail = ?, duration_seconds = ?, explain = ?, updated_at = ?,
                poster = ?, deleted_at = ?, edition = ?, poster_seconds = ?
            WHERE id = ?
            """,
            [
                video.ownerName, video.title, video.description, video.fileName, video.contentType,
                video.declaredSize, video.visibility.rawValue, video.status.rawValue, video.progress, video.playable,
                video.failure?.reason, video.failure?.detail, video.durationSeconds, video.explain,
                video.updatedAt, video.poster, video.deletedAt, video.edition, video.posterSeconds,
                video.id,
            ])
        try reindex(video.id, from: before)
        try replaceRenditions(of: video)
    }

    func deleteVideo(id: String) throws -> Bool {
        let before = try indexedTexts(of: id)
        guard try connection.execute("DELETE FROM videos WHERE id = ?", [id]) > 0 else { return false }
        try reindex(id, from: before)
        try connection.execute("DELETE FROM video_numbers WHERE video_id = ?", [id])
        return true
    }

    private func replaceRenditions(of video: Video) throws {
        guard try renditions(of: [video.id])[video.id, default: []] != video.renditions else { return }
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

    /// Videos as `readVideo` reads them, with what is in another table.
    func withRenditions(_ videos: [Video]) throws -> [Video] {
        let renditions = try renditions(of: videos.map(\.id))
        return videos.map { video in
            var video = video
            video.renditions = renditions[video.id, default: []]
            return video
        }
    }

    private func renditions(of videoIds: [String]) throws -> [String: [Rendition]] {
        let found = try connection.query(
            """
            SELECT video_id, name, width, height, frame_rate, codecs, bandwidth, average_bandwidth, segments, bytes
            FROM renditions WHERE video_id IN (SELECT value FROM json_each(?)) ORDER BY video_id, position
            """, [videoIds.sqlList]
        ) { row in
            let rendition = Rendition(
                name: try row.text(1), width: try row.int(2), height: try row.int(3), frameRate: try row.real(4),
                codecs: try row.text(5), bandwidth: try row.integer(6), averageBandwidth: try row.integer(7),
                segments: try row.int(8), bytes: try row.integer(9))
            return (try row.text(0), rendition)
        }
        return Dictionary(grouping: found, by: \.0).mapValues { $0.map(\.1) }
    }

    /// A row of `videoColumns`; its renditions are in another table.
    static func readVideo(_ row: Row) throws -> Video {
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
        video.deletedAt = try row.optionalInteger(23)
        video.edition = try row.integer(24)
        video.posterSeconds = try row.optionalReal(25)
        return video
    }
}

extension [String] {
    /// The texts as one binding, which `json_each` takes apart: one statement serves lists of any length.
    var sqlList: String { String(decoding: JSONValue.array(map { .string($0) }).serialized(), as: UTF8.self) }
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
