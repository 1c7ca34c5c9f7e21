import CacheRules
import EventLoop
import SegmentStore

/// From the origin's bytes to an object that is found.
extension FillDriver {
    func openWriterOnLoop(_ judgement: FillJudge) {
        metadata = judgement.metadata
        core.fills.setTags(metadata.tags, of: fill)
        let driver = weaklyBound
        let writer = core.store.beginObject(
            key: head.selection?.key ?? fill.key, fence: fill.fence, expectedLength: head.length,
            onResume: { driver.loop.submit { driver.valueOnLoop.driver?.storeCaughtUpOnLoop() } },
            onProgress: { driver.loop.submit { driver.valueOnLoop.driver?.storeProgressedOnLoop() } })
        fill.opened(writer.id)
        self.writer = writer
    }

    func storeOnLoop(_ bytes: UnsafeRawBufferPointer) {
        switch writer?.append(bytes) {
        case .pause: isPausedByStore = true
        case .dropped(let outcome): _ = notStoredOnLoop(outcome)
        case .more, nil: break
        }
    }

    /// The object will not be stored; the clients are served from the origin alone.
    func notStoredOnLoop(_ outcome: StoreOutcome) -> Fill.Room {
        core.log.notStored(key: fill.key, outcome: outcome)
        isPausedByStore = false
        defer { writer = nil }
        return fill.storeRefused(keeping: writer)
    }

    /// The store outlives a fill, and readers may; they must not keep one alive.
    struct WeakDriver {
        weak var driver: FillDriver?
        init(_ driver: FillDriver) { self.driver = driver }
    }

    var weaklyBound: LoopBound<WeakDriver> { LoopBound(WeakDriver(self), loop: loop) }

    private func storeCaughtUpOnLoop() {
        guard isPausedByStore else { return }
        isPausedByStore = false
        resumeOnLoop(fill.room())
    }

    private func storeProgressedOnLoop() {
        guard let writer else { return }
        if let outcome = writer.obstacle {
            resumeOnLoop(notStoredOnLoop(outcome))
        } else {
            resumeOnLoop(fill.committed(writer.committedChunks))
        }
    }

    /// All bytes are here: waiters finish at once, new clients may join until the store has the object.
    func commitOnLoop() {
        stopWatchOnLoop()
        fill.enter(.complete(head))
        guard let writer else { return core.fills.remove(fill) }
        self.writer = nil
        let key = head.selection?.key ?? fill.key
        writer.finish(metadata) { [core, fill, head, metadata, route] outcome in
            if case .stored = outcome {
                core.compress(key, metadata, route)
                fill.stored(inlineBytes: core.store.inlineBodyBytes)
                if let selection = head.selection {
                    return core.mark(selection, of: fill, storedAt: metadata.storedAt)
                }
            } else {
                core.log.notStored(key: fill.key, outcome: outcome)
            }
            core.fills.remove(fill)
        }
    }
}

extension EdgeCore {
    /// Has what was just stored compressed, where that is wanted.
    func compress(_ key: [UInt8], _ metadata: ObjectMetadata, _ route: Route) {
        if metadata.flags.contains(.compressible) { compression.add(key, codings: route.behavior.codings) }
    }

    /// Stores at the base key by what its responses vary. The fill stays on the table until then, so that who comes
    /// meanwhile joins it and is told.
    fileprivate func mark(_ selection: VariantSelection, of fill: Fill, storedAt: Int64) {
        var metadata = ObjectMetadata()
        metadata.flags = .varies
        metadata.head = selection.names
        metadata.storedAt = storedAt
        metadata.freshUntil = .max
        let key = Array(VariantKey.base(of: selection.key))
        store.beginObject(key: key, fence: fill.fence, expectedLength: 0).finish(metadata) { [self] outcome in
            if case .stored = outcome {} else { log.notStored(key: key, outcome: outcome) }
            fills.remove(fill)
        }
    }
}
