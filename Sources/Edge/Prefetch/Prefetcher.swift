import Bytes
import EventLoop
import HTTPServer
import Playlist
import SegmentStore

/// Fetches what players of this loop will ask for next: after a segment the one that follows it in its playlist, after a
/// playlist where its player begins.
///
/// It only ever fills the store; who may read what is decided when somebody asks. Loop-confined.
final class Prefetcher {
    private unowned let handler: EdgeHandler
    private let ledger: PrefetchLedger
    private let hash: KeyHash
    private var recent = RecentRequests()
    private var table = RenditionTable()
    private var budget: PrefetchBudget
    private var wishes: [Wish] = []

    private struct Wish {
        let key: [UInt8]
        let route: Route
        /// Epoch seconds; a player that waited so long has asked itself.
        let deadline: Int64
    }

    /// Longer playlists are not read: these take 8 ms of the loop, once for each version of a playlist.
    static let longestPlaylist = 131_072
    private static let mostWishes = 64
    private static let patienceSeconds: Int64 = 5

    init(_ handler: EdgeHandler, ledger: PrefetchLedger, budget: PrefetchBudget) {
        self.handler = handler
        self.ledger = ledger
        hash = ledger.hash
        self.budget = budget
    }

    /// Another configuration holds: what is known of behaviors is not true any more.
    func forgetOnLoop() {
        recent = RecentRequests()
        table = RenditionTable()
        wishes = []
    }

    /// A client asks for `key`, which a behavior with prefetching covers. Costs a hash and a comparison, and two look-ups
    /// once a second.
    func askedOnLoop(_ key: UnsafeRawBufferPointer, route: Route, segments: Int) {
        let now = handler.loop.epochSeconds
        let hash = hash(key)
        guard recent.isFirst(hash, now: now) else { return }
        if key.hasSuffix(".m3u8") {
            if table.mayLook(at: hash, now: now) { lookLaterOnLoop(Array(key), hash, route, segments) }
            return
        }
        ledger.asked(hash)
        let ahead = table.ahead(of: hash, count: segments, now: now)
        if !ahead.isEmpty { wishOnLoop(ahead, route) }
    }

    // MARK: Playlists

    /// After the client has its answer.
    private func lookLaterOnLoop(_ key: [UInt8], _ hash: Int, _ route: Route, _ segments: Int) {
        let prefetcher = LoopBound(WeakPrefetcher(self), loop: handler.loop)
        handler.loop.submit {
            prefetcher.valueOnLoop.prefetcher?.lookOnLoop(key, hash, route, segments, mayWait: true)
        }
    }

    private struct WeakPrefetcher {
        weak var prefetcher: Prefetcher?
        init(_ prefetcher: Prefetcher) { self.prefetcher = prefetcher }
    }

    /// Reads the playlist once it is stored, if its present version is not known yet.
    private func lookOnLoop(_ key: [UInt8], _ hash: Int, _ route: Route, _ segments: Int, mayWait: Bool) {
        if mayWait, let fill = handler.core.fills.running(key) {
            let prefetcher = LoopBound(WeakPrefetcher(self), loop: handler.loop)
            fill.watch(
                FillNotice { bytes in
                    guard bytes != nil else { return }
                    prefetcher.loop.submit {
                        prefetcher.valueOnLoop.prefetcher?.lookOnLoop(key, hash, route, segments, mayWait: false)
                    }
                })
            return
        }
        let now = handler.loop.epochSeconds
        guard let object = handler.reader.lookup(key: key), object.status == 200, object.isFresh(at: now),
            object.length <= Self.longestPlaylist
        else { return }
        if !table.knows(hash, version: object.id.rawValue) {
            guard let rendition = renditionOnLoop(object, key, route) else { return }
            table.insert(rendition, of: hash, version: object.id.rawValue, now: now) { [self] key in
                key.withUnsafeBytes { self.hash($0) }
            }
        }
        wishOnLoop(table.opening(of: hash, count: segments), route)
    }

    /// `nil` when the bytes have gone meanwhile, or are not in memory although the playlist was asked for just now.
    private func renditionOnLoop(_ object: StoredObject, _ key: [UInt8], _ route: Route) -> Rendition? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(object.length)
        for index in 0..<object.chunkCount {
            let loan = handler.reader.withResidentChunk(of: object, index: index) { bytes.append(contentsOf: $0) }
            guard case .lent = loan else { return nil }
        }
        guard let playlist = try? MediaPlaylist(parsing: bytes) else { return Rendition.none }
        let path = String(decoding: route.target(of: key).prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        return Rendition(playlist) { reference in
            SegmentAddress(reference, relativeTo: path).flatMap { handler.keyOnLoop(of: $0, in: route) }
        }
    }

    // MARK: Fills

    private func wishOnLoop(_ keys: [[UInt8]], _ route: Route) {
        let now = handler.loop.epochSeconds
        for key in keys where !wishes.contains(where: { $0.key == key }) {
            if wishes.count >= Self.mostWishes { wishes.removeFirst() }
            wishes.append(Wish(key: key, route: route, deadline: now + Self.patienceSeconds))
        }
        fetchOnLoop()
    }

    /// Begins as many fills as the budget allows. An origin in trouble gets none: its viewers come first.
    private func fetchOnLoop() {
        let now = handler.loop.epochSeconds
        while !wishes.isEmpty {
            let wish = wishes[0]
            if wish.deadline < now || !wish.route.group.isWell(at: handler.loop.nowNanoseconds) {
                wishes.removeFirst()
                continue
            }
            guard let reserved = budget.reserve() else { return }
            wishes.removeFirst()
            if !handler.fillAheadOnLoop(wish.key, route: wish.route, notice: notice(wish.key, reserved)) {
                budget.release(reserved, stored: nil)
            }
        }
    }

    private func notice(_ key: [UInt8], _ reserved: Int) -> () -> FillNotice {
        let prefetcher = LoopBound(WeakPrefetcher(self), loop: handler.loop)
        let hash = key.withUnsafeBytes { self.hash($0) }
        return { [ledger] in
            FillNotice { bytes in
                if let bytes { ledger.stored(hash, bytes: bytes) }
                prefetcher.loop.submit { prefetcher.valueOnLoop.prefetcher?.endedOnLoop(reserved, bytes) }
            }
        }
    }

    private func endedOnLoop(_ reserved: Int, _ bytes: Int?) {
        budget.release(reserved, stored: bytes)
        fetchOnLoop()
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
        guard count >= suffix.utf8CodeUnitCount else { return false }
        return suffix.withUTF8Buffer { self[(count - $0.count)...].elementsEqual($0) }
    }
}
