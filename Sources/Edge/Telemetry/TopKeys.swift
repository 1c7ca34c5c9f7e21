import HTTPServer
import JSON

/// The paths that a loop is asked for most of late, in memory that does not grow (Space-Saving: a path that is not known
/// takes the place of the one counted least, and its count). Loop-confined; allocates nothing once made.
///
/// At most about a thousand requests a second are looked at, so a hit of a busy loop pays a countdown.
struct TopKeys {
    /// Paths kept.
    static let capacity = 64
    /// Bytes kept of a path; longer ones are told apart by all of theirs, but shown cut.
    static let pathBytes = 192
    /// Requests looked at each second, about.
    static let samplesPerSecond = 1_024
    /// Counts halve this often, so that what is shown is of the last minute.
    static let halvingSeconds: Int64 = 20

    private struct Entry {
        var hash: UInt64 = 0
        var scope: UInt32 = 0
        var length = 0
        var count: UInt64 = 0
        var bytes: UInt64 = 0
    }

    private var entries = Array(repeating: Entry(), count: capacity)
    private var paths = Array(repeating: 0 as UInt8, count: capacity * pathBytes)
    /// Of all requests looked at, kept or not.
    private var totalCount: UInt64 = 0
    private var totalBytes: UInt64 = 0
    private var stride = 1
    private var countdown = 1
    private var jitter: UInt64 = 0x9e37_79b9_7f4a_7c15
    private var second: Int64 = 0
    private var sampledInSecond = 0
    private var halvedAt: Int64 = 0
    private let seed = UInt64.random(in: .min ... .max)

    /// Takes a finished request; the path without its query, because that may hold a signature.
    @inline(__always)
    mutating func asked(for path: UnsafeRawBufferPointer, scope: UInt32, bytes: Int, at epochSeconds: Int64) {
        countdown -= 1
        if countdown == 0 { sample(path, scope, bytes, epochSeconds) }
    }

    private mutating func sample(_ path: UnsafeRawBufferPointer, _ scope: UInt32, _ bytes: Int, _ now: Int64) {
        if now != second { secondPassed(now) }
        sampledInSecond += 1
        if sampledInSecond >= Self.samplesPerSecond {
            stride *= 2
            sampledInSecond /= 2
        }
        countdown = untilNext()
        let weight = UInt64(stride)
        let bytes = weight &* UInt64(clamping: bytes)
        totalCount += weight
        totalBytes &+= bytes
        let hash = Self.hash(path, seed: seed ^ UInt64(scope))
        var least = 0
        for index in entries.indices {
            if entries[index].hash == hash {
                entries[index].count += weight
                entries[index].bytes &+= bytes
                return
            }
            if entries[index].count < entries[least].count { least = index }
        }
        let length = min(path.count, Self.pathBytes)
        let start = least * Self.pathBytes
        for offset in 0..<length { paths[start + offset] = path[offset] }
        entries[least] = Entry(
            hash: hash, scope: scope, length: length, count: entries[least].count + weight, bytes: bytes)
    }

    /// `stride` on average and never twice the same, or requests that take turns, as for sound and picture, would be
    /// looked at on one side only.
    private mutating func untilNext() -> Int {
        jitter ^= jitter << 13
        jitter ^= jitter >> 7
        jitter ^= jitter << 17
        return 1 + Int(jitter % UInt64(2 * stride - 1))
    }

    private mutating func secondPassed(_ now: Int64) {
        if sampledInSecond < Self.samplesPerSecond / 4, stride > 1 { stride /= 2 }
        (second, sampledInSecond) = (now, 0)
        age(to: now)
    }

    /// Halves what is counted, as often as its time has come.
    private mutating func age(to now: Int64) {
        if halvedAt == 0 { halvedAt = now }
        let halvings = (now - halvedAt) / Self.halvingSeconds
        guard halvings > 0 else { return }
        halvedAt += halvings * Self.halvingSeconds
        let shift = UInt64(min(halvings, 63))
        totalCount >>= shift
        totalBytes >>= shift
        for index in entries.indices {
            entries[index].count >>= shift
            entries[index].bytes >>= shift
        }
    }

    /// The most asked for, with the sums that their counts are parts of.
    mutating func report(at epochSeconds: Int64) -> TopKeyReport {
        age(to: epochSeconds)
        let keys = entries.enumerated().filter { $1.count > 0 }.map { index, entry in
            let start = index * Self.pathBytes
            return TopKeyReport.Key(
                scope: entry.scope, path: Array(paths[start..<start + entry.length]), count: entry.count,
                bytes: entry.bytes)
        }
        return TopKeyReport(requests: totalCount, bytes: totalBytes, keys: keys)
    }

    /// Multiplied and folded eight bytes at a time, seeded, so that nobody can choose paths that count as one.
    private static func hash(_ path: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(path.count)
        var offset = 0
        while offset + 8 <= path.count {
            hash = mixed(hash, path.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < path.count {
            rest = rest << 8 | UInt64(path[offset])
            offset += 1
        }
        return mixed(hash, rest) | 1
    }

    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}

/// What one loop, or several together, were asked for most.
struct TopKeyReport: Sendable {
    struct Key: Sendable {
        let scope: UInt32
        let path: [UInt8]
        var count: UInt64
        var bytes: UInt64
    }

    var requests: UInt64 = 0
    var bytes: UInt64 = 0
    var keys: [Key] = []
}

/// The answer to `GET /top`.
struct TopReport {
    private struct Name: Hashable {
        let distribution: String
        let path: [UInt8]
    }

    /// Paths shown.
    static let limit = 20

    private var requests: UInt64 = 0
    private var bytes: UInt64 = 0
    private var keys: [Name: (count: UInt64, bytes: UInt64)] = [:]

    /// Adds what one loop says; `distribution` names that of a scope.
    mutating func add(_ report: TopKeyReport, distribution: (UInt32) -> String) {
        requests += report.requests
        bytes &+= report.bytes
        for key in report.keys {
            let name = Name(distribution: distribution(key.scope), path: key.path)
            keys[name, default: (0, 0)].count += key.count
            keys[name, default: (0, 0)].bytes &+= key.bytes
        }
    }

    var document: JSONValue {
        let most = keys.sorted { first, second in
            first.value.count != second.value.count
                ? first.value.count > second.value.count
                : first.key.path.lexicographicallyPrecedes(second.key.path)
        }.prefix(Self.limit)
        return [
            "keys": .array(
                most.map { name, figures in
                    [
                        "distribution": .string(name.distribution),
                        "path": .string(String(decoding: name.path, as: UTF8.self)),
                        "share": .number(Self.share(figures.count, of: requests)),
                        "byteShare": .number(Self.share(figures.bytes, of: bytes)),
                    ]
                })
        ]
    }

    private static func share(_ part: UInt64, of all: UInt64) -> Double {
        all == 0 ? 0 : min(1, Double(part) / Double(all))
    }
}
