internal import Bytes
internal import Glibc
internal import Synchronization

/// Hands a writer to its thread, and lets nobody else keep it; `StoreWriter` itself is confined to that thread.
final class WriterBox: @unchecked Sendable {
    // Sendable: filled by the thread that opens the store before it starts the writer's, and used by that one alone then.
    private var writer: StoreWriter?

    init(_ writer: StoreWriter) { self.writer = writer }

    /// Works until the writer ends; it is gone, with its files, when this returns.
    func run() -> StoreWriter.End {
        guard let running = writer else { return .closed }
        writer = nil
        return running.run()
    }

    func put(_ writer: StoreWriter) { self.writer = writer }
}

extension StoreShard {
    /// What the shard's thread does: write, and when LMDB has given the files up, open them again.
    ///
    /// LMDB does so when a meta page could not be written, and then refuses every transaction until the environment is
    /// opened anew; in this process that takes that nobody has it open any more.
    func work(_ box: WriterBox) {
        while case .lost(let error) = box.run() {
            options.onEvent(.reopening(shard: number, reason: error.description))
            counters.update { $0.shardsClosed = 1 }
            weak let lost = environments
            replaceEnvironments(nil)
            repeat {
                guard refuseForAWhile(error) else { return }
                if lost == nil, let writer = reopen() { box.put(writer) }
            } while environments == nil
            counters.update { $0.shardsClosed = 0 }
            options.onEvent(.reopened(shard: number))
        }
    }

    /// Opens the files once readers have let go of them; `nil` if the trouble goes on.
    private func reopen() -> StoreWriter? {
        do throws(StoreError) {
            let opening = try ShardOpening(
                number: number, of: shardCount, folder: folder, options: options, isTrusted: true, wasClean: false,
                audits: true)
            skipIDs(to: opening.nextID)
            let writer = try StoreWriter(shard: self, opening: opening)
            replaceEnvironments(opening.environments)
            return writer
        } catch {
            options.onEvent(.writeFailed(error))
            return nil
        }
    }

    /// Fails what is asked of the shard, for a second at most; returns false when it is closed.
    private func refuseForAWhile(_ error: StoreError) -> Bool {
        switch queue.next(byteLimit: options.effectiveBatchBytes, waitingUpTo: 1) {
        case .commands(let commands):
            for command in commands { refuse(command, error) }
            return true
        case .idle: return true
        case .released:
            parked.set()
            return queue.waitWhileReleased()
        case .closed: return false
        }
    }

    private func refuse(_ command: WriterCommand, _ error: StoreError) {
        switch command {
        case .chunk(let fill, _, _):
            fill.fail(.failed(error))
            fill.onProgress()
        case .finish(let fill, let finish):
            purges.endFill(fill.fence)
            counters.update { $0.dropped += 1 }
            finish.completion(.failed(error))
        case .abort(let fill): purges.endFill(fill.fence)
        case .refresh(let refresh):
            purges.endFill(refresh.fence)
            refresh.completion(.failed(error))
        case .remove: break
        case .barrier(let body): body()
        }
    }
}
