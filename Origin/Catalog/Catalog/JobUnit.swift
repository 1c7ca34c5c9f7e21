/// One piece of a job that a worker leases, does and reports on by itself.
public struct JobUnit: Sendable, Equatable {
    /// What is done.
    public enum Kind: String, Sendable, CaseIterable {
        /// Finds out what the upload is and plans the other units.
        case probe
        /// A span of the pictures.
        case pictures
        /// The sound.
        case sound
        /// Checks what was published.
        case finish
    }

    /// Where a unit stands.
    public enum State: String, Sendable, CaseIterable {
        /// Waits for a worker, not before `availableAt`.
        case queued
        /// A worker has it until `leaseExpiresAt`.
        case leased
        /// Finished.
        case done
        /// Given up, and its job with it.
        case dead
        /// Another unit of its job was given up; nobody does this one until the job is tried again.
        case cancelled
    }

    /// The job it belongs to.
    public let jobId: String
    /// Place in the order in which the job's units are best done, from 0.
    public let number: Int
    /// What is done.
    public let kind: Kind
    /// The unit as it was planned, JSON; nil for probe and finish.
    public let detail: String?
    /// Whether the video cannot be played before it has begun.
    public let isOpening: Bool
    /// What it costs, in seconds of output of 1280×720 at 30 frames per second.
    public let effortSeconds: Double
    /// Most memory it takes, as estimated, in MiB.
    public let memoryMebibytes: Int
    /// Where it stands.
    public var state: State
    /// The fence of its last lease; 0 before the first.
    public var fence: Int64
    /// How many leases were granted since it was queued by a plan, a person or an upload.
    public var attempts: Int
    /// Not before this time, in epoch milliseconds.
    public var availableAt: Int64
    /// Epoch milliseconds; nil unless leased.
    public var leaseExpiresAt: Int64?
    /// Who has or had it.
    public var workerId: String?
    /// How much of it is done, as its worker says, 0 to 1.
    public var progress: Double
    /// Why the last attempt ended without success.
    public var lastFailure: VideoFailure?
    /// Choices made while it was done, a JSON list; nil without any.
    public var notes: String?
    /// Epoch milliseconds.
    public var updatedAt: Int64

    /// A queued unit that may be leased from `now` on.
    public init(
        jobId: String, number: Int, kind: Kind, detail: String? = nil, isOpening: Bool = false, effortSeconds: Double,
        memoryMebibytes: Int = 0, now: Int64
    ) {
        self.jobId = jobId
        self.number = number
        self.kind = kind
        self.detail = detail
        self.isOpening = isOpening
        self.effortSeconds = effortSeconds
        self.memoryMebibytes = memoryMebibytes
        state = .queued
        fence = 0
        attempts = 0
        availableAt = now
        progress = 0
        updatedAt = now
    }
}

/// A queued unit that a worker may be given, with what decides whether it is.
public struct LeaseCandidate: Sendable, Equatable {
    /// The unit's job.
    public var jobId: String
    /// The unit's number.
    public var number: Int
    /// Whose video it is.
    public var ownerId: String
    /// Whether the video cannot be played before it has begun.
    public var isOpening: Bool
    /// When the job was made, in epoch milliseconds.
    public var jobCreatedAt: Int64

    /// Makes a candidate.
    public init(jobId: String, number: Int, ownerId: String, isOpening: Bool, jobCreatedAt: Int64) {
        self.jobId = jobId
        self.number = number
        self.ownerId = ownerId
        self.isOpening = isOpening
        self.jobCreatedAt = jobCreatedAt
    }
}

/// What was done for an owner lately.
public struct ServedOwner: Sendable, Equatable {
    /// Effort of what is leased now, in seconds.
    public var runningSeconds: Double
    /// Effort of what was leased, in seconds, as it counted at `servedAt`: older work counts less.
    public var servedSeconds: Double
    /// Epoch milliseconds of the last lease.
    public var servedAt: Int64

    /// Makes an account of an owner.
    public init(runningSeconds: Double = 0, servedSeconds: Double = 0, servedAt: Int64 = 0) {
        self.runningSeconds = runningSeconds
        self.servedSeconds = servedSeconds
        self.servedAt = servedAt
    }
}

/// How much waits and runs.
public struct UnitLoad: Sendable, Equatable {
    /// Units.
    public var count: Int
    /// Their effort in seconds.
    public var effortSeconds: Double

    /// Makes a load.
    public init(count: Int, effortSeconds: Double) {
        self.count = count
        self.effortSeconds = effortSeconds
    }
}

/// Reads units.
public protocol JobUnitReader {
    /// The unit, or nil.
    func unit(jobId: String, number: Int) throws -> JobUnit?
    /// All units of a job in the order of their numbers.
    func units(jobId: String) throws -> [JobUnit]
    /// Units of a job that are not done: leased and given up ones first, then by number.
    func openUnits(jobId: String, limit: Int) throws -> [JobUnit]
    /// For each unfinished job its first unit that may be leased at `now` and takes at most `memoryMebibytes`.
    ///
    /// With `waitingSince` only units that take more, and have waited since then or longer. One look-up per unfinished job.
    func leaseCandidates(now: Int64, memoryMebibytes: Int, waitingSince: Int64?) throws -> [LeaseCandidate]
    /// What runs and ran for each owner; owners last served before `since` are left out unless something runs.
    func servedOwners(since: Int64) throws -> [String: ServedOwner]
    /// What ran for one owner, without what runs; nil when nothing is known.
    func servedOwner(id: String) throws -> ServedOwner?
    /// Whether the worker has a unit.
    func hasLease(workerId: String) throws -> Bool
    /// Leased units whose lease has run out.
    func expiredUnits(now: Int64, limit: Int) throws -> [JobUnit]
    /// How many units of a job stand in each state.
    func unitLoads(jobId: String) throws -> [JobUnit.State: UnitLoad]
    /// How many units of all jobs stand in each state but `done`, whose number only grows.
    func openUnitLoads() throws -> [JobUnit.State: UnitLoad]
}

/// Changes units.
public protocol JobUnitWriter {
    /// The unit if it is queued and no other transaction is about to take it, otherwise nil; where several transactions
    /// write at once this is `FOR UPDATE SKIP LOCKED`.
    func takeQueuedUnit(jobId: String, number: Int) throws -> JobUnit?
    /// Adds a unit; its number must be new in its job.
    func insert(_ unit: JobUnit) throws
    /// Stores every field of a unit that can change.
    func save(_ unit: JobUnit) throws
    /// Cancels every unit of the job that is queued or leased.
    func cancelUnits(jobId: String, now: Int64) throws
    /// Queues every unit of the job that was given up or cancelled, with all its attempts.
    func requeueUnits(jobId: String, now: Int64) throws
    /// Notes how much was done for an owner.
    func noteServed(ownerId: String, effortSeconds: Double, now: Int64) throws
}
