import EventLoop
import HTTPClient
import HTTPWire
import JSON
import SegmentStore

/// A small file of what an edge knows from the control log; both calls block on the disk.
public struct ControlFile: Sendable {
    let read: @Sendable () throws -> [UInt8]?
    let write: @Sendable ([UInt8]) throws -> Void

    /// - Parameters:
    ///   - read: the file's bytes, `nil` when there is none.
    ///   - write: replaces them, durably when it returns.
    public init(
        read: @escaping @Sendable () throws -> [UInt8]?, write: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.read = read
        self.write = write
    }
}

extension LogFollower {
    /// Most bytes of an answer: 256 orders, each as large as CloudFront lets one be, are fewer.
    private static let answerBytes = 1 << 28

    /// A follower that carries orders out on this edge; which origin it asks may change with a reload.
    ///
    /// `settled` is called when nothing the origin had is left to do, and when the origin cannot be asked.
    convenience init(
        core: EdgeCore, content: ContentHolder, client: HTTPClient, position file: ControlFile, keys: KeyBook,
        settled: @escaping @Sendable () -> Void
    ) {
        self.init(
            Surroundings(
                ask: { position, waits in
                    guard let origin = content.snapshot.controlOrigin else {
                        throw LogAnswer.Refused(description: "control.url is no longer set")
                    }
                    let request = origin.question(
                        from: position, waits: waits, lacksKeys: keys.isEmpty, epochSeconds: WallClock.epochSeconds())
                    let answer = try await client.send(request)
                    return try LogAnswer(
                        status: answer.status.code, body: try await answer.body.collect(upTo: Self.answerBytes))
                },
                leave: { position in
                    guard let origin = content.snapshot.controlOrigin else { return }
                    let goodbye = origin.goodbye(at: position, epochSeconds: WallClock.epochSeconds())
                    _ = try? await client.send(goodbye).body.collect(upTo: 4096)
                },
                carryOut: { entry, logId in
                    do {
                        if let document = entry.order["keys"] {
                            let position = LogPosition(logId: logId, sequence: entry.sequence)
                            return try await keys.learn(document, at: position)
                        }
                        let (wanted, snapshot) = (entry.order["purge"] ?? .null, content.snapshot)
                        let (order, stranger) = try PurgeOrder.logged(wanted, snapshot: snapshot)
                        if let stranger { core.log.orderForOthers(entry.sequence, distribution: stranger) }
                        _ = try await core.purge(order.request)
                    } catch let refused as PurgeOrder.Refused {
                        core.log.orderNotUnderstood(entry.sequence, reason: refused.reason)
                        _ = try await core.purge(PurgeRequest(all: true))
                    } catch let refused as LearntKeys.Refused {
                        core.log.orderNotUnderstood(entry.sequence, reason: refused.description)
                        _ = try await core.purge(PurgeRequest(all: true))
                    }
                },
                learnKeys: { try await keys.learn($0, at: $1) },
                dropCache: { reason in
                    core.log.cacheDropped(reason)
                    _ = try await core.purge(PurgeRequest(all: true))
                },
                readPosition: { try await core.blocking.run { try file.read() }.flatMap(LogPosition.init(line:)) },
                writePosition: { position in try await core.blocking.run { try file.write(position.line) } },
                pause: { try await Task.sleep(for: $0) })
        ) { event in
            switch event {
            case .carriedOut(let position, let entries): core.metrics.controlLogRead(upTo: position, entries: entries)
            case .inContact(let isAtEnd):
                core.metrics.controlLogInContact(at: WallClock.epochSeconds())
                if isAtEnd { settled() }
            case .interrupted(let reason):
                core.log.controlLogInterrupted(reason)
                settled()
            }
        }
    }
}
