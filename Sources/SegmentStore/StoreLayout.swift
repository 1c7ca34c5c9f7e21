internal import Bytes

/// What a directory was made for and what cannot change while it holds objects: the number of shards and the seed of the
/// key hash, which together say where an object lies.
struct StoreLayout: Equatable, Sendable {
    static let fileName = "layout"
    static let version = 2
    private static let title = "weir-segment-store"

    let shards: Int
    /// Sixteen random bytes, so that nobody outside can choose keys that fall together.
    let seed: [UInt8]

    /// Why a layout file is of no use.
    enum Unreadable: Error, Equatable {
        /// Somebody else's format, by its number.
        case version(Int)
        case damaged
    }

    init(shards: Int, seed: [UInt8]) {
        self.shards = shards
        self.seed = seed
    }

    /// Reads the three lines of the file.
    init(_ bytes: [UInt8]) throws(Unreadable) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        guard let first = lines.first, first.count == 2, first[0] == StoreLayout.title, let version = Int(first[1])
        else { throw .damaged }
        guard version == StoreLayout.version else { throw .version(version) }
        guard lines.count == 3, lines[1].count == 2, lines[1][0] == "shards", let shards = Int(lines[1][1]),
            lines[2].count == 2, lines[2][0] == "seed", let seed = Hex.decode(Array(lines[2][1].utf8)),
            seed.count == 16, StoreLayout.isShardCount(shards)
        else { throw .damaged }
        self.init(shards: shards, seed: seed)
    }

    var bytes: [UInt8] {
        Array(
            "\(StoreLayout.title) \(StoreLayout.version)\nshards \(shards)\nseed \(Hex.encode(seed))\n".utf8)
    }

    var hasher: SipHash128 {
        seed.withUnsafeBytes { bytes in SipHash128(key: (bytes.load(0), bytes.load(8))) }
    }

    /// A power of two, so that a few bits of a hash or of an object's number name the shard.
    static func isShardCount(_ count: Int) -> Bool { (1...64).contains(count) && count & (count - 1) == 0 }
}

extension ObjectID {
    /// The shard that holds the object: its number is a multiple of the shard count, plus the shard.
    func shard(of count: Int) -> Int { Int(rawValue & UInt64(count - 1)) }
}

extension Hash128 {
    /// The shard that holds the object stored under this key.
    func shard(of count: Int) -> Int { Int(high & UInt64(count - 1)) }
}
