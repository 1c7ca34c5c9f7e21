import Bytes
import CacheRules
import EventLoop
import HTTPServer
import HTTPWire
import SegmentStore

/// Answers from the store, from a fill, or from the origin directly.
extension EdgeHandler {
    /// Bodies up to this size go out with their head in one call; the rest of a socket that does not take them is copied.
    private static let oneCallBytes = 16_384

    // MARK: From the store

    /// Answers from an object just looked up. False when its bytes have gone meanwhile and nothing was sent.
    func respondStoredOnLoop(
        _ exchange: Exchange, route: Route, _ object: StoredObject, result: CacheResult
    ) -> Bool {
        if object.status >= 400, servePageOnLoop(exchange, route, insteadOf: object.status) { return true }
        guard let annotation = StoredAnnotation(reader.annotation(of: object)) else { return false }
        if let grant = playlistGrant(exchange, route, object) {
            respondGrantedOnLoop(exchange, route, object, annotation, result: result, grant)
            return true
        }
        let plan: ResponsePlan
        if let role = route.page {
            guard object.status == HTTPStatus.ok.code else {
                failPageOnLoop(exchange, route, role)
                return true
            }
            plan = .whole
        } else {
            plan = ConditionalRequest(exchange, maximumRanges: core.maximumRanges).plan(
                for: Representation(
                    status: object.status, etag: reader.etag(of: object), lastModified: annotation.lastModified,
                    bornAt: annotation.bornAt, length: object.length, fields: reader.head(of: object)))
        }
        let head = StoredHead(
            object: object, plan: plan, page: route.page, result: result, policy: route.responseHeaders,
            bornAt: annotation.bornAt, now: loop.epochSeconds)
        switch plan {
        case .notModified, .preconditionFailed, .unsatisfiable:
            exchange.tag = result.rawValue
            exchange.respondOnLoop(status: head.status) { head.write(to: &$0, of: exchange, from: reader) }
            return true
        case .whole:
            return sendOnLoop(exchange, route, object, 0..<object.length, head)
        case .part(let range):
            return sendOnLoop(exchange, route, object, range, head)
        case .parts(let multipart):
            exchange.tag = result.rawValue
            let (key, etag) = ([UInt8](reader.storedKey(of: object)), [UInt8](reader.etag(of: object)))
            let purgeMark = reader.purgeMark
            let source = MultipartSource(multipart) { [self] part in
                key.withUnsafeBytes { key in
                    etag.withUnsafeBytes { etag in
                        HitSource(
                            self, route, Hit(object, key: key, etag: etag, purgeMark: purgeMark),
                            range: part.start..<part.end)
                    }
                }
            }
            exchange.startResponseOnLoop(status: head.status, length: multipart.bodyLength, source: source) {
                head.write(to: &$0, of: exchange, from: reader)
            }
            return true
        }
    }

    private func sendOnLoop(
        _ exchange: Exchange, _ route: Route, _ object: StoredObject, _ range: Range<Int>, _ head: StoredHead
    ) -> Bool {
        if object.length > 0, object.chunkCount == 1, range.count <= Self.oneCallBytes {
            let sent = reader.withResidentChunk(of: object, index: 0) { chunk in
                exchange.tag = head.result.rawValue
                exchange.respondOnLoop(status: head.status, body: UnsafeRawBufferPointer(rebasing: chunk[range])) {
                    head.write(to: &$0, of: exchange, from: reader)
                }
            }
            switch sent {
            case .lent: return true
            case .cold: break
            case .gone: return false
            }
        }
        exchange.tag = head.result.rawValue
        let source = connection(of: exchange).hitSource(self, route, Hit(object, reader: reader), range: range)
        exchange.startResponseOnLoop(status: head.status, length: range.count, source: source) {
            head.write(to: &$0, of: exchange, from: reader)
        }
        return true
    }

    /// Answers with the expired object in place of a failing origin. False when there is none any more.
    func serveStaleOnLoop(_ exchange: Exchange, route: Route, key: [UInt8]) -> Bool {
        guard let object = reader.lookup(key: key), object.mayBeServedOnError(at: loop.epochSeconds) else {
            return false
        }
        return respondStoredOnLoop(exchange, route: route, object, result: .staleHit)
    }

    /// Answers with the object that the origin has just confirmed, or that another fill has just stored.
    func serveConfirmedOnLoop(_ exchange: Exchange, route: Route, key: [UInt8], result: CacheResult) {
        if let object = reader.lookup(key: key), !object.softPurged,
            respondStoredOnLoop(exchange, route: route, object, result: result)
        {
            return
        }
        passThroughOnLoop(exchange, route: route, target: key, reason: .miss)
    }

    // MARK: From the origin

    /// Has what the client wants fetched, in slices or whole.
    func fetchOnLoop(
        _ exchange: Exchange?, route: Route, key: [UInt8], expired: ExpiredObject?, reason: CacheStatus.Forward,
        variesBy: [UInt8] = [], addition: OriginAddition? = nil
    ) {
        if let exchange, refuseLoopOnLoop(exchange, route: route) { return }
        if expired == nil, let exchange, !PlaylistGrant.isAwaited(exchange, route),
            serveSlicedOnLoop(exchange, route: route, key: key, reason: reason)
        {
            return
        }
        fetchWholeOnLoop(
            exchange, route: route, key: key, expired: expired, reason: reason, variesBy: variesBy, addition: addition)
    }

    /// Joins the fill of `key` or begins it. Without an exchange it runs for the store's sake alone.
    func fetchWholeOnLoop(
        _ exchange: Exchange?, route: Route, key: [UInt8], expired: ExpiredObject? = nil, reason: CacheStatus.Forward,
        variesBy: [UInt8] = [], addition: OriginAddition? = nil
    ) {
        let now = loop.epochSeconds
        if key.count > CacheKey.maximumLength || core.fills.isPass(key, now: now) {
            if let exchange { passThroughOnLoop(exchange, route: route, target: key, reason: .bypass) }
            return
        }
        if expired == nil, let exchange, VariantKey.isVariant(key), !core.variants.admits(key, now: now) {
            return passThroughOnLoop(
                exchange, route: route, target: key, reason: .varyMiss, detail: .tooManyVariants)
        }
        let mayServeStale = expired?.object.mayBeServedOnError(at: now) ?? false
        switch beginFillOnLoop(key, variesBy: variesBy) {
        case .joined(let fill):
            guard let exchange else { return }
            core.store.noteRequest(key: key)
            wait(
                exchange, route: route, fill: fill, reason: reason, hasJoined: true, mayServeStale: mayServeStale)
        case .began(let fill):
            let client = exchange.map {
                wait($0, route: route, fill: fill, reason: reason, hasJoined: false, mayServeStale: mayServeStale)
            }
            // Another loop may have finished the same object between the look-up and the table.
            if let object = reader.lookup(key: key), object.isFresh(at: now), expired?.isSame(as: object) != true,
                !object.flags.contains(.varies)
            {
                core.fills.remove(fill)
                return fill.enter(.inStore(.hit))
            }
            FillDriver(
                fill, route: route, core: core, loop: loop, upstream: upstream, expired: expired,
                addition: addition ?? exchange.flatMap { OriginAddition($0, route, key: key) }, initiator: client
            ).startOnLoop()
        }
    }

    /// Lets a client that waited for one fill wait for the one that brings what it wants.
    func waitOnLoop(_ exchange: Exchange, route: Route, for fill: Fill, reason: CacheStatus.Forward) {
        wait(exchange, route: route, fill: fill, reason: reason, hasJoined: false, mayServeStale: false)
    }

    func beginFillOnLoop(_ key: [UInt8], variesBy: [UInt8] = []) -> FillTable.Joined {
        core.fills.joinOrBegin(
            key, now: loop.epochSeconds,
            make: { Fill(key: key, variesBy: variesBy, fence: core.store.currentFence, budget: core.fillBudget) })
    }

    @discardableResult
    private func wait(
        _ exchange: Exchange, route: Route, fill: Fill, reason: CacheStatus.Forward, hasJoined: Bool,
        mayServeStale: Bool
    ) -> FillClient {
        let client = FillClient(
            exchange, route: route, fill: fill, reason: reason, hasJoined: hasJoined, mayServeStale: mayServeStale,
            handler: self)
        client.startOnLoop()
        return client
    }

    /// Starts a response whose body comes from a fill.
    func startFilledResponseOnLoop(
        _ exchange: Exchange, route: Route, head: FilledHead, length: Int?, plan: ResponsePlan, served: Served,
        source: any BodySource, grant: PlaylistGrant? = nil
    ) {
        let code = route.page?.responseCode ?? plan.code(of: head.status)
        var served = served
        served.isStored = head.isStored && served.result != .hit
        served.forwardStatus = code == head.status || served.result == .hit ? nil : head.status
        if head.status >= 400, !head.isStored { served.shown = .error }
        exchange.tag = served.shown.rawValue
        let now = loop.epochSeconds
        let fields: (inout HeadWriter) -> Void = { writer in
            if let page = route.page {
                head.fields.withUnsafeBytes { page.writeFields($0, policy: route.responseHeaders, to: &writer) }
            } else {
                head.fields.withUnsafeBytes { fields in
                    if let grant { return grant.writeFields(fields, plan: plan, to: &writer) }
                    plan.writeFields(fields, to: &writer)
                }
                if head.isStored, !plan.isRefusal { writer.field("Age", decimal: Int(max(0, now - head.bornAt))) }
                if head.isStored, grant == nil { writer.field("Accept-Ranges", "bytes") }
                if let length { plan.writeContentRange(to: &writer, length: length) }
            }
            if served.result != .hit { head.upstreamStatus.withUnsafeBytes { writer.buffer.append($0) } }
            head.fields.withUnsafeBytes {
                exchange.writeEdgeFields(
                    to: &writer, served, policy: route.responseHeaders, status: code, besides: $0)
            }
        }
        let bodyLength: Int?
        switch plan {
        case .notModified, .preconditionFailed, .unsatisfiable:
            source.cancelledOnLoop()
            return exchange.respondOnLoop(status: HTTPStatus(code: code), fields: fields)
        case .whole: bodyLength = length
        case .part(let range): bodyLength = range.count
        case .parts(let multipart): bodyLength = multipart.bodyLength
        }
        exchange.startResponseOnLoop(status: HTTPStatus(code: code), length: bodyLength, source: source, fields: fields)
    }

    /// Lets the client talk to the origin directly.
    ///
    /// - Parameter target: a key.
    func passThroughOnLoop(
        _ exchange: Exchange, route: Route, target: [UInt8], reason: CacheStatus.Forward,
        detail: CacheStatus.Detail? = nil
    ) {
        if refuseLoopOnLoop(exchange, route: route) { return }
        let target = OriginAddition.target(of: exchange, route, key: target) ?? route.target(of: target)
        PassThrough.startOnLoop(
            exchange, route: route, target: target, reason: reason, detail: detail, handler: self)
    }
}

/// The head of an answer from the store. A value and not a closure: a closure kept in a variable is allocated.
struct StoredHead {
    let object: StoredObject
    let plan: ResponsePlan
    let page: PageRole?
    let result: CacheResult
    let policy: ResponseHeadersPolicy?
    let bornAt: Int64
    let now: Int64
    /// Of a playlist that a viewer's grant goes into.
    var grant: PlaylistGrant?

    var status: HTTPStatus { HTTPStatus(code: page?.responseCode ?? plan.code(of: object.status)) }

    func write(to writer: inout HeadWriter, of exchange: Exchange, from reader: StoreReader) {
        if let page {
            page.writeFields(reader.head(of: object), policy: policy, to: &writer)
        } else if let grant {
            grant.writeFields(reader.head(of: object), plan: plan, to: &writer)
            if !plan.isRefusal { writer.field("Age", decimal: Int(max(0, now - bornAt))) }
        } else {
            plan.writeFields(reader.head(of: object), to: &writer)
            if !plan.isRefusal { writer.field("Age", decimal: Int(max(0, now - bornAt))) }
            writer.field("Accept-Ranges", "bytes")
            plan.writeContentRange(to: &writer, length: object.length)
        }
        var served = Served(result)
        served.secondsLeft = object.freshUntil - now
        exchange.writeEdgeFields(
            to: &writer, served, policy: policy, status: status.code, besides: reader.head(of: object))
    }
}
