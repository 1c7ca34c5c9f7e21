import AccessLog
import Bytes
import HTTPServer
import HTTPWire

/// Counts what one loop serves of videos, for reports to the origin. Loop-confined.
struct PlaybackCount: ~Copyable {
    /// What paths of media begin with; the id of the video follows, and a slash. Empty counts nothing.
    private var mediaPath: [UInt8]
    private var table: PlaybackTable
    private var playerData = PlayerData()

    /// - Parameter random: seeds the table's hash.
    init(mediaPath: [UInt8], random: UInt64) {
        self.mediaPath = mediaPath
        table = PlaybackTable(random: random)
    }

    /// Counts by another path from the next request on.
    mutating func adopt(mediaPath: [UInt8]) { self.mediaPath = mediaPath }

    /// Takes what was counted.
    mutating func take() -> PlaybackTaking { table.take() }

    /// Counts a finished response, if it gave somebody something of a video: what was refused counts for nobody.
    @inline(__always)
    mutating func served(
        _ exchange: Exchange, path: UnsafeRawBufferPointer, _ result: CacheResult, _ outcome: ExchangeOutcome
    ) {
        if mediaPath.isEmpty { return }
        count(exchange, path, result, outcome)
    }

    private mutating func count(
        _ exchange: Exchange, _ path: UnsafeRawBufferPointer, _ result: CacheResult, _ outcome: ExchangeOutcome
    ) {
        guard let wasStored = result.wasStored, 200..<400 ~= outcome.status, case .get = exchange.head.method,
            let id = Self.videoId(in: path, behind: mediaPath)
        else { return }
        let statement = statement(of: exchange)
        table.add(to: id) { figures in
            figures.bytes += outcome.bodyBytes
            if wasStored { figures.hits += 1 } else { figures.misses += 1 }
            statement?.add(to: &figures)
        }
    }

    /// The segment behind the beginning; a path that ends with it names no medium.
    static func videoId(in path: UnsafeRawBufferPointer, behind beginning: [UInt8]) -> UnsafeRawBufferPointer? {
        let start = beginning.count
        guard path.count > start, let base = path.baseAddress,
            beginning.withUnsafeBytes({ bytes in bytes.baseAddress.map { ByteSearch.equal($0, base, count: start) } })
                == true,
            let end = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: path, from: start)
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: path[start..<end])
    }

    /// What the player says; nil where there is neither a query nor a field that could say anything.
    private mutating func statement(of exchange: Exchange) -> PlayerStatement? {
        guard exchange.head.query != nil || exchange.hasMediaFields else { return nil }
        var statement = PlayerStatement()
        if let query = exchange.head.query?.bytes(in: exchange.headBytes) {
            statement.read(playerData.parameter(in: query))
        }
        guard exchange.hasMediaFields else { return statement }
        for name in PlayerData.fields {
            if let list = exchange.field(name) { statement.read(list) }
        }
        return statement
    }
}
