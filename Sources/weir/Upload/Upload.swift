import Daemon
import HTTPWire
import JSON
import ResumableUpload
import UploadView

/// The upload of one file: begun or gone on with, sent, and followed until it plays.
struct Upload {
    private let file: UploadFile
    private let wishes: UploadWishes
    private let session: OriginSession
    private let note: UploadNote
    private let gauge = TransferGauge()
    private let started = ContinuousClock.now

    init(file: UploadFile, wishes: UploadWishes, session: OriginSession) {
        self.file = file
        self.wishes = wishes
        self.session = session
        note = UploadNote(about: file.identity, origin: session.base)
    }

    /// Uploads; `interruption` says at each moment what to do about a command that was ended.
    func run(_ interruption: Interruption) async throws {
        let (videoId, transfer) = try await begin()
        interruption.advise("stopped; the same command goes on where this one was, with video \(videoId)")
        if let transfer { try await send(transfer, as: videoId) }
        let watchPage = "\(session.pages)/watch/\(videoId)"
        if wishes.isPatient {
            interruption.advise("stopped watching; video \(videoId) is made nevertheless: \(watchPage)")
            try await follow(videoId, watchPage)
        }
        note.remove()
        guard wishes.isJSON else { return }
        let summary: JSONValue = [
            "file": .string(file.path), "videoId": .string(videoId), "bytes": .integer(file.size),
            "sentBytes": .integer(gauge.sent), "status": .string(wishes.isPatient ? "ready" : "uploaded"),
            "watchPage": .string(watchPage),
        ]
        Terminal.output("\(summary)\n")
    }

    /// The video that the file becomes, and the transfer that is left to do; none when the file is there.
    private func begin() async throws -> (videoId: String, Transfer?) {
        if !wishes.isRestart, let record = note.read(), let resumed = try await resume(record) { return resumed }
        let slot = try UploadSlot(
            json: try await session.call(.post, "/api/v1/uploads", body: wishes.order(for: file)))
        let record = UploadRecord(origin: session.base, videoId: slot.videoId, file: file.identity)
        if !note.write(record) {
            say("\(file.name): no note can be written beside the file; an upload that is ended cannot be gone on with")
        }
        return (slot.videoId, try Transfer(size: file.size, slot: slot, parallel: wishes.parallel))
    }

    /// Goes on with what an earlier command began; nil when that leads nowhere.
    private func resume(_ record: UploadRecord) async throws -> (videoId: String, Transfer?)? {
        let id = record.videoId
        guard record.origin == session.base, record.file == file.identity else {
            say("\(file.name) has changed since its upload as video \(id) began; it is uploaded anew")
            return nil
        }
        switch await transfer(as: id).ask() {
        case .gone:
            say("\(file.name): the upload that was begun, video \(id), is no more; it is uploaded anew")
            return nil
        case .hasCome:
            say("\(file.name) is there already: video \(id)")
            return (id, nil)
        case .slot(let slot):
            say("\(file.name): going on with video \(id)")
            return (id, try Transfer(size: file.size, slot: slot, parallel: wishes.parallel))
        case .failed(let failure):
            guard failure.kind == .passing else { throw CommandFailure(failure.reason) }
            return (id, try Transfer(size: file.size, slot: nil, parallel: wishes.parallel))
        }
    }

    private func transfer(as videoId: String) -> FileTransfer {
        FileTransfer(
            session: session, videoId: videoId,
            requests: UploadRequests(client: session.connection.client, file: file, gauge: gauge))
    }

    private func send(_ transfer: Transfer, as videoId: String) async throws {
        let display = TransferDisplay("uploading", total: file.size) { [gauge] in
            gauge.position
        } trouble: { [gauge] in
            gauge.trouble
        }
        try await TransferDisplay.during(wishes.isJSON ? nil : display) {
            try await self.transfer(as: videoId).run(transfer)
        }
        let before = file.size - gauge.sent
        let remark = before > 0 ? ", \(before) of which were there before," : ""
        say("\(file.name): uploaded \(file.size) bytes\(remark) in \(started.elapsed), video \(videoId)")
    }

    private func follow(_ videoId: String, _ watchPage: String) async throws {
        var display = ProgressDisplay(watchPage: watchPage, since: started)
        defer { display.end() }
        do {
            try await VideoFollower(session: session, videoId: videoId).run { state in
                if !wishes.isJSON { display.show(state) }
            }
        } catch let failure as CommandFailure {
            // Nothing more becomes of this video; the same file is a new one the next time.
            note.remove()
            throw failure
        }
    }

    private func say(_ text: String) {
        if !wishes.isJSON { Terminal.output(text + "\n") }
    }
}
