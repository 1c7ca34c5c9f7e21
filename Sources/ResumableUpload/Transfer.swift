/// The way of one file to the origin as a state machine: `next` says what to do, an event what came of it.
///
/// README.md has the states. Everything is decided here; nothing is done.
public struct Transfer: Sendable {
    /// How often one part is tried, and the completion.
    public static let attemptsPerPart = 10
    /// Failures in a row, without a part that was stored between them, until it is given up.
    public static let patience = 12

    private enum Phase {
        case asking, sending, completing, finished
        case givenUp(GivingUp)
    }

    private enum PartState: Equatable {
        case missing
        /// The origin has one; whether it is the same is not known.
        case claimed(md5: String)
        /// Being sent, or, with the claim, being compared.
        case busy(claim: String?)
        case stored(md5: String)
    }

    /// Parts that may be under way at once.
    private let parallel: Int
    private let size: Int64
    private var slot: UploadSlot?
    private var parts: [Part] = []
    private var states: [PartState] = []
    private var attempts: [Int] = []
    private var phase: Phase
    private var isAnswerAwaited = false
    private var failuresInARow = 0
    private var failedCompletions = 0

    /// Sends a file of `size` bytes to `slot`, or asks first what the origin has of it when that is nil.
    public init(size: Int64, slot: UploadSlot?, parallel: Int) throws(UploadSlot.Incomplete) {
        precondition(parallel > 0, "nothing would ever be sent")
        self.size = size
        self.parallel = parallel
        phase = .asking
        if let slot { try take(slot) }
    }

    /// Bytes that the origin is known to have.
    public var storedBytes: Int64 {
        zip(parts, states).reduce(0) { sum, entry in
            if case .stored = entry.1 { sum + Int64(entry.0.range.count) } else { sum }
        }
    }

    /// Header fields of each PUT: a small file is the object itself, and says what it is.
    public var headers: [String: String] {
        guard let slot, slot.multipart == nil else { return [:] }
        return slot.headers
    }

    /// How many parts the file has; 0 before the origin has said how it is cut.
    public var partCount: Int { parts.count }

    /// What to do now; `chance`, from 0 to 1, spreads the pauses.
    public mutating func next(chance: Double) -> Action {
        switch phase {
        case .finished: return .finished
        case .givenUp(let reason): return .giveUp(reason)
        case .asking:
            guard !isAnswerAwaited else { return .wait }
            isAnswerAwaited = true
            return .ask(after: Backoff.pause(after: failuresInARow, chance: chance))
        case .completing: return .wait
        case .sending: return nextPart()
        }
    }

    private mutating func nextPart() -> Action {
        guard let slot else { return .wait }
        var busy = 0
        for state in states { if case .busy = state { busy += 1 } }
        guard busy < parallel else { return .wait }
        for index in states.indices {
            switch states[index] {
            case .claimed(let md5):
                states[index] = .busy(claim: md5)
                return .digest(parts[index])
            case .missing:
                states[index] = .busy(claim: nil)
                return .send(parts[index], url: slot.multipart?.parts[index].url ?? slot.url)
            case .busy, .stored: continue
            }
        }
        guard busy == 0 else { return .wait }
        guard let multipart = slot.multipart else {
            phase = .finished
            return .finished
        }
        phase = .completing
        return .complete(url: multipart.completeURL, md5s: md5s)
    }

    private var md5s: [String] {
        states.compactMap { if case .stored(let md5) = $0 { md5 } else { nil } }
    }

    // MARK: Events

    /// The origin has stored a part, and what it stored has this MD5.
    public mutating func sent(_ number: Int, md5: String) {
        states[number - 1] = .stored(md5: md5)
        failuresInARow = 0
    }

    /// The MD5 here of a part that the origin has.
    public mutating func digested(_ number: Int, md5: String) {
        guard case .busy(let claim) = states[number - 1] else { return }
        states[number - 1] = claim == md5 ? .stored(md5: md5) : .missing
    }

    /// A part could not be sent, or not be read.
    public mutating func failed(_ number: Int, _ failure: Failure) {
        states[number - 1] = .missing
        attempts[number - 1] += 1
        meet(failure, isLast: attempts[number - 1] >= Self.attemptsPerPart)
    }

    /// The origin has said what it has.
    public mutating func answered(_ slot: UploadSlot) {
        isAnswerAwaited = false
        do throws(UploadSlot.Incomplete) { try take(slot) } catch { giveUp(Failure(.lasting, error.description)) }
    }

    /// The origin has said that the file is there.
    public mutating func hasCome() { phase = .finished }

    /// The origin could not be asked.
    public mutating func askingFailed(_ failure: Failure) {
        isAnswerAwaited = false
        meet(failure)
    }

    /// The parts are the file.
    public mutating func completed() { phase = .finished }

    /// The parts could not be put together, or nobody knows whether they were.
    public mutating func completionFailed(_ failure: Failure) {
        failedCompletions += 1
        meet(failure, isLast: failedCompletions >= Self.attemptsPerPart)
    }

    // MARK: Decisions

    /// A failure that passes is one more in a row, unless others of the same interruption were counted already.
    private mutating func meet(_ failure: Failure, isLast: Bool = false) {
        switch phase {
        case .finished, .givenUp: return
        case .asking where isAnswerAwaited: break
        case .asking, .sending, .completing: failuresInARow += 1
        }
        guard failure.kind == .passing, !isLast, failuresInARow < Self.patience else { return giveUp(failure) }
        phase = .asking
    }

    private mutating func giveUp(_ failure: Failure) {
        phase = .givenUp(GivingUp(reason: failure.reason, isWorthRepeating: failure.kind == .passing))
    }

    /// Goes on with what the origin says it has.
    private mutating func take(_ slot: UploadSlot) throws(UploadSlot.Incomplete) {
        let ranges = try slot.ranges(ofSize: size)
        let cut = zip(1..., ranges).map { Part(number: $0, range: $1) }
        if parts.isEmpty {
            parts = cut
            states = Array(repeating: .missing, count: cut.count)
            attempts = Array(repeating: 0, count: cut.count)
        }
        guard parts == cut else {
            throw UploadSlot.Incomplete(description: "the origin cuts the file otherwise than it did before")
        }
        for (index, part) in (slot.multipart?.parts ?? []).enumerated() { claim(index, md5: part.storedMD5) }
        self.slot = slot
        phase = .sending
    }

    /// What the origin has, or has no more, of a part that nobody is busy with.
    private mutating func claim(_ index: Int, md5: String?) {
        switch states[index] {
        case .busy: return
        case .stored(let known) where known == md5: return
        case .stored, .missing, .claimed: states[index] = md5.map { PartState.claimed(md5: $0) } ?? .missing
        }
    }
}
