import HTTPWire
import ResumableUpload

/// Carries out what `Transfer` decides, until the file is at the origin.
struct FileTransfer {
    /// What the origin says of an upload.
    enum Answer {
        case slot(UploadSlot)
        /// The file is there.
        case hasCome
        /// The upload, or the video, is no more.
        case gone(String)
        case failed(Transfer.Failure)
    }

    private enum Event {
        case sent(Transfer.Part, Result<String, Transfer.Failure>)
        case digested(Transfer.Part, Result<String, Transfer.Failure>)
        case answered(Answer)
        case completed(Result<Void, Transfer.Failure>)

        var failure: Transfer.Failure? {
            switch self {
            case .sent(_, .failure(let failure)), .digested(_, .failure(let failure)), .answered(.failed(let failure)),
                .completed(.failure(let failure)):
                failure
            case .sent, .digested, .answered, .completed: nil
            }
        }
    }

    let session: OriginSession
    let videoId: String
    let requests: UploadRequests

    /// - Throws: `CommandInterrupted` when the same command may get further later, `CommandFailure` when it will not.
    func run(_ start: Transfer) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            var transfer = start
            while true {
                switch transfer.next(chance: Double.random(in: 0...1)) {
                case .send(let part, let url):
                    let headers = transfer.headers
                    group.addTask { [requests] in
                        .sent(part, await requests.send(part, to: url, headers: headers))
                    }
                case .digest(let part):
                    group.addTask { [requests] in .digested(part, await requests.digest(part)) }
                case .complete(let url, let md5s):
                    group.addTask { [requests] in .completed(await requests.complete(url, md5s: md5s)) }
                case .ask(let pause):
                    group.addTask { [self] in
                        try await Task.sleep(for: pause)
                        return .answered(await ask())
                    }
                case .wait:
                    guard let event = try await group.next() else { preconditionFailure("nothing is under way") }
                    apply(event, to: &transfer)
                case .finished: return
                case .giveUp(let reason): throw giveUp(reason)
                }
            }
        }
    }

    private func apply(_ event: Event, to transfer: inout Transfer) {
        requests.gauge.trouble = event.failure?.reason
        switch event {
        case .sent(let part, .success(let md5)):
            transfer.sent(part.number, md5: md5)
            requests.gauge.end(part.number, stored: transfer.storedBytes, sent: Int64(part.range.count))
        case .digested(let part, .success(let md5)):
            transfer.digested(part.number, md5: md5)
            requests.gauge.end(part.number, stored: transfer.storedBytes, sent: 0)
        case .sent(let part, .failure(let failure)), .digested(let part, .failure(let failure)):
            transfer.failed(part.number, failure)
            requests.gauge.end(part.number, stored: transfer.storedBytes, sent: 0)
        case .answered(.slot(let slot)): transfer.answered(slot)
        case .answered(.hasCome): transfer.hasCome()
        case .answered(.gone(let reason)): transfer.askingFailed(Transfer.Failure(.lasting, reason))
        case .answered(.failed(let failure)): transfer.askingFailed(failure)
        case .completed(.success): transfer.completed()
        case .completed(.failure(let failure)): transfer.completionFailed(failure)
        }
    }

    /// What the origin has of the file.
    func ask() async -> Answer {
        do {
            return .slot(try UploadSlot(json: try await session.call(.get, "/api/v1/uploads/\(videoId)")))
        } catch let failure as CommandFailure {
            switch failure.refusal {
            case let refusal? where refusal.code == "upload_complete": return .hasCome
            case let refusal? where ["upload_gone", "video_not_found"].contains(refusal.code):
                return .gone(failure.description)
            case let refusal? where refusal.isPassing:
                return .failed(Transfer.Failure(.passing, failure.description))
            default: return .failed(Transfer.Failure(.lasting, failure.description))
            }
        } catch let error as UploadSlot.Incomplete {
            return .failed(Transfer.Failure(.lasting, error.description))
        } catch {
            return .failed(Transfer.Failure(.passing, "\(error)"))
        }
    }

    private func giveUp(_ reason: Transfer.GivingUp) -> any Error {
        guard reason.isWorthRepeating else {
            return CommandFailure(
                "\(requests.file.path): \(reason.reason); video \(videoId) waits for it, weir videos delete \(videoId) "
                    + "takes it away")
        }
        return CommandInterrupted(
            "\(requests.file.path): \(reason.reason); what has come is kept, and the same command goes on where this "
                + "one stopped")
    }
}
