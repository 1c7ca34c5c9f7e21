import Testing

@testable import ResumableUpload

@Suite struct TransferTests {
    private static let partBytes: Int64 = 10

    /// A file of 25 bytes in three parts, of which the origin has those that `stored` names.
    private static func slot(stored: [Int: String] = [:], urls: String = "u") -> UploadSlot {
        UploadSlot(
            videoId: "v", url: "whole", headers: [:],
            multipart: UploadSlot.Multipart(
                partBytes: partBytes,
                parts: (1...3).map { UploadSlot.Multipart.Part(url: "\(urls)\($0)", storedMD5: stored[$0]) },
                completeURL: "\(urls)c"))
    }

    private static func part(_ number: Int) -> Transfer.Part {
        Transfer.Part(number: number, range: [0..<10, 10..<20, 20..<25][number - 1])
    }

    private static let broken = Transfer.Failure(.passing, "broken")

    private func begun(resuming: Bool = false, parallel: Int = 2) throws -> Transfer {
        try Transfer(size: 25, slot: resuming ? nil : Self.slot(), parallel: parallel)
    }

    /// Sends whatever `transfer` asks for until it asks for something else, which is returned.
    private func sendAll(_ transfer: inout Transfer) -> Transfer.Action {
        while true {
            let action = transfer.next(chance: 0)
            guard case .send(let part, _) = action else { return action }
            transfer.sent(part.number, md5: "m\(part.number)")
        }
    }

    @Test func `parts are sent some at a time and then put together`() throws {
        var transfer = try begun()
        #expect(transfer.next(chance: 0) == .send(Self.part(1), url: "u1"))
        #expect(transfer.next(chance: 0) == .send(Self.part(2), url: "u2"))
        #expect(transfer.next(chance: 0) == .wait)
        transfer.sent(2, md5: "m2")
        #expect(transfer.storedBytes == 10)
        #expect(transfer.next(chance: 0) == .send(Self.part(3), url: "u3"))
        transfer.sent(3, md5: "m3")
        // The first is still on its way.
        #expect(transfer.next(chance: 0) == .wait)
        transfer.sent(1, md5: "m1")
        #expect(transfer.next(chance: 0) == .complete(url: "uc", md5s: ["m1", "m2", "m3"]))
        #expect(transfer.next(chance: 0) == .wait)
        transfer.completed()
        #expect(transfer.next(chance: 0) == .finished && transfer.storedBytes == 25)
    }

    @Test func `a small file is one part and needs no putting together`() throws {
        let slot = UploadSlot(videoId: "v", url: "whole", headers: [:], multipart: nil)
        var transfer = try Transfer(size: 5, slot: slot, parallel: 4)
        #expect(transfer.next(chance: 0) == .send(Transfer.Part(number: 1, range: 0..<5), url: "whole"))
        transfer.sent(1, md5: "m")
        #expect(transfer.next(chance: 0) == .finished)
    }

    @Test func `after a failure the origin is asked before anything is sent again`() throws {
        var transfer = try begun()
        _ = (transfer.next(chance: 0), transfer.next(chance: 0))
        transfer.failed(1, Self.broken)
        #expect(transfer.next(chance: 0) == .ask(after: .seconds(0.25)))
        #expect(transfer.next(chance: 0) == .wait)
        // The other part of the same interruption does not lengthen the pause.
        transfer.failed(2, Self.broken)
        transfer.askingFailed(Self.broken)
        #expect(transfer.next(chance: 1) == .ask(after: .seconds(1)))
        // The answer to the first had only been lost; the URLs are new ones.
        transfer.answered(Self.slot(stored: [1: "m1"], urls: "n"))
        #expect(transfer.next(chance: 0) == .digest(Self.part(1)))
        #expect(transfer.next(chance: 0) == .send(Self.part(2), url: "n2"))
        transfer.digested(1, md5: "m1")
        #expect(transfer.storedBytes == 10)
        transfer.sent(2, md5: "m2")
        #expect(sendAll(&transfer) == .complete(url: "nc", md5s: ["m1", "m2", "m3"]))
    }

    @Test func `a part that goes on while the origin is asked is left alone`() throws {
        var transfer = try begun()
        _ = (transfer.next(chance: 0), transfer.next(chance: 0))
        transfer.failed(1, Self.broken)
        _ = transfer.next(chance: 0)
        transfer.answered(Self.slot(stored: [2: "an older one"]))
        #expect(transfer.next(chance: 0) == .send(Self.part(1), url: "u1"))
        transfer.sent(2, md5: "m2")
        transfer.sent(1, md5: "m1")
        #expect(sendAll(&transfer) == .complete(url: "uc", md5s: ["m1", "m2", "m3"]))
    }

    @Test func `resuming asks first and sends only what is not there or differs`() throws {
        var transfer = try begun(resuming: true)
        #expect(transfer.partCount == 0)
        #expect(transfer.next(chance: 0) == .ask(after: .zero))
        transfer.answered(Self.slot(stored: [1: "m1", 3: "of another file"]))
        #expect(transfer.next(chance: 0) == .digest(Self.part(1)))
        #expect(transfer.next(chance: 0) == .send(Self.part(2), url: "u2"))
        transfer.digested(1, md5: "m1")
        #expect(transfer.next(chance: 0) == .digest(Self.part(3)))
        transfer.digested(3, md5: "m3")
        transfer.sent(2, md5: "m2")
        #expect(transfer.next(chance: 0) == .send(Self.part(3), url: "u3"))
    }

    @Test func `a part that the origin has lost is sent again`() throws {
        var transfer = try begun(parallel: 1)
        _ = transfer.next(chance: 0)
        transfer.sent(1, md5: "m1")
        _ = transfer.next(chance: 0)
        transfer.failed(2, Self.broken)
        _ = transfer.next(chance: 0)
        transfer.answered(Self.slot())
        #expect(transfer.storedBytes == 0)
        #expect(transfer.next(chance: 0) == .send(Self.part(1), url: "u1"))
    }

    @Test func `a completion whose answer was lost is found out by asking`() throws {
        var transfer = try begun()
        guard case .complete = sendAll(&transfer) else {
            Issue.record("not completed")
            return
        }
        transfer.completionFailed(Self.broken)
        #expect(transfer.next(chance: 0) == .ask(after: .seconds(0.25)))
        var other = transfer
        transfer.hasCome()
        #expect(transfer.next(chance: 0) == .finished)
        // Or it was never made: what is known of the parts needs no second look.
        other.answered(Self.slot(stored: [1: "m1", 2: "m2", 3: "m3"]))
        #expect(other.next(chance: 0) == .complete(url: "uc", md5s: ["m1", "m2", "m3"]))
    }

    @Test func `what would fail again ends it at once`() throws {
        var transfer = try begun()
        _ = transfer.next(chance: 0)
        transfer.failed(1, Transfer.Failure(.lasting, "too large"))
        let reason = Transfer.GivingUp(reason: "too large", isWorthRepeating: false)
        #expect(transfer.next(chance: 0) == .giveUp(reason))
        // A latecomer changes nothing.
        transfer.askingFailed(Self.broken)
        #expect(transfer.next(chance: 0) == .giveUp(reason))
    }

    @Test func `an origin that stays away is given up, and coming back is worth it`() throws {
        var transfer = try begun(resuming: true)
        var pauses: [Duration] = []
        while case .ask(let pause) = transfer.next(chance: 1) {
            pauses.append(pause)
            transfer.askingFailed(Self.broken)
        }
        #expect(
            pauses == [.zero, .seconds(0.5), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)]
                + Array(repeating: .seconds(30), count: Transfer.patience - 7))
        #expect(
            transfer.next(chance: 0) == .giveUp(Transfer.GivingUp(reason: "broken", isWorthRepeating: true)))
    }

    @Test func `one part that never arrives is given up`() throws {
        var transfer = try begun(parallel: 1)
        var tries = 0
        while true {
            let action = transfer.next(chance: 0)
            if case .send(let part, _) = action, part.number == 1 {
                tries += 1
                transfer.failed(1, Self.broken)
            } else if case .ask = action {
                transfer.answered(Self.slot())
            } else {
                #expect(action == .giveUp(Transfer.GivingUp(reason: "broken", isWorthRepeating: true)))
                break
            }
        }
        #expect(tries == Transfer.attemptsPerPart)
    }

    @Test func `an origin that loses what it was sent and completes nothing is given up`() throws {
        var transfer = try begun()
        var completions = 0
        while completions <= Transfer.attemptsPerPart {
            let action = sendAll(&transfer)
            if case .complete = action {
                completions += 1
                transfer.completionFailed(Self.broken)
            } else if case .ask = action {
                transfer.answered(Self.slot())
            } else {
                #expect(action == .giveUp(Transfer.GivingUp(reason: "broken", isWorthRepeating: true)))
                break
            }
        }
        #expect(completions == Transfer.attemptsPerPart)
    }

    @Test func `an origin that cuts otherwise than before ends it`() throws {
        var transfer = try begun()
        _ = transfer.next(chance: 0)
        transfer.failed(1, Self.broken)
        _ = transfer.next(chance: 0)
        transfer.answered(UploadSlot(videoId: "v", url: "whole", headers: [:], multipart: nil))
        guard case .giveUp(let reason) = transfer.next(chance: 0) else {
            Issue.record("it goes on")
            return
        }
        #expect(!reason.isWorthRepeating)
        var wrong = Self.slot()
        wrong.multipart?.parts.removeLast()
        #expect(throws: UploadSlot.Incomplete.self) { try Transfer(size: 25, slot: wrong, parallel: 1) }
    }
}
