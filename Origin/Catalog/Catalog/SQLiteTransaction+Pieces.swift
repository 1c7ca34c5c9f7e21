internal import SQLiteDatabase

extension SQLiteTransaction {
    func objectPiece(blob: String, holding place: Int64) throws -> ObjectPiece? {
        let piece = try connection.first(
            "SELECT start, blob, size FROM object_pieces WHERE owner = ? AND start <= ? ORDER BY start DESC LIMIT 1",
            [blob, place], readPiece)
        return piece.flatMap { place - $0.start < $0.size ? $0 : nil }
    }

    func objectPieces(blob: String) throws -> [ObjectPiece] {
        try connection.query(
            "SELECT start, blob, size FROM object_pieces WHERE owner = ? ORDER BY start", [blob], readPiece)
    }

    func objectPiece(blob: String, at position: Int) throws -> (piece: ObjectPiece?, count: Int) {
        let count = try connection.first("SELECT count(*) FROM object_pieces WHERE owner = ?", [blob]) { try $0.int(0) }
        guard let count, (0..<count).contains(position) else { return (nil, count ?? 0) }
        // No more than 9,999 entries of one index are passed over.
        let piece = try connection.first(
            "SELECT start, blob, size FROM object_pieces WHERE owner = ? ORDER BY start LIMIT 1 OFFSET ?",
            [blob, position], readPiece)
        return (piece, count)
    }

    func insert(_ pieces: [ObjectPiece], ofObjectWithBlob blob: String) throws {
        for piece in pieces {
            try connection.execute(
                "INSERT INTO object_pieces VALUES (?, ?, ?, ?)", [blob, piece.start, piece.blob, piece.size])
        }
    }

    private func readPiece(_ row: Row) throws -> ObjectPiece {
        ObjectPiece(start: try row.integer(0), blob: try row.text(1), size: try row.integer(2))
    }
}
