internal import Crypto

/// The first place at which a log is not what was written.
public struct AuditFault: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong there; the raw values are what the API says.
    public enum Reason: String, Sendable, CaseIterable {
        /// The entry is not there, though later ones are or the log is known to have been longer.
        case missing
        /// The entry is there twice, or in the place of a later one.
        case misplaced
        /// The entry's text or its hash is another one.
        case altered
        /// The entry was written under a sealing key that is none of ours.
        case otherKey = "other_key"
        /// The log's end was put here, or was before this entry was written, by somebody without the key.
        case forgedEnd = "forged_end"
    }

    /// The number of the entry.
    public let sequence: Int64
    /// What is wrong with it.
    public let reason: Reason

    /// A fault.
    public init(sequence: Int64, reason: Reason) {
        self.sequence = sequence
        self.reason = reason
    }

    /// For people.
    public var description: String {
        switch reason {
        case .missing: "entry \(sequence) is missing"
        case .misplaced: "another entry stands in the place of entry \(sequence)"
        case .altered: "entry \(sequence) was changed: its text or its hash is not what was written"
        case .otherKey: "entry \(sequence) was written under another sealing key"
        case .forgedEnd:
            "at entry \(sequence) the log has or had an end that the origin did not write: entries may have been cut off"
        }
    }
}

/// Checks entries, in order, against the key; pure, and of any length in constant memory.
public struct AuditVerification: Sendable {
    static let forgedEndName = "afterForgedEnd"

    private let keys: AuditKeys
    /// Everything up to here is what was written.
    public private(set) var through: AuditMark
    /// Entries that were found right.
    public private(set) var checked: Int64 = 0

    /// Begins behind `mark`, which is taken as right.
    public init(keys: AuditKeys, after mark: AuditMark = .beginning) {
        self.keys = keys
        through = mark
    }

    /// Checks the entry that follows; what is wrong with it, if anything. After a fault the verification is over.
    public mutating func check(_ line: AuditLine) -> AuditFault? {
        let expected = through.sequence + 1
        guard line.sequence == expected else {
            return AuditFault(sequence: expected, reason: line.sequence > expected ? .missing : .misplaced)
        }
        guard let named = line.keyId else { return AuditFault(sequence: expected, reason: .altered) }
        guard let key = keys[named] else { return AuditFault(sequence: expected, reason: .otherKey) }
        guard constantTimeEqual(line.hash, key.hash(of: line.text, after: through.hash)) else {
            return AuditFault(sequence: expected, reason: .altered)
        }
        guard !line.text.contains("\"\(Self.forgedEndName)\":true") else {
            return AuditFault(sequence: expected, reason: .forgedEnd)
        }
        through = AuditMark(sequence: expected, hash: line.hash)
        checked += 1
        return nil
    }

    /// Checks after the last entry that the log ends where it should.
    public func check(_ head: AuditHead) -> AuditFault? {
        guard head.isGenuine(under: keys) else {
            return AuditFault(sequence: head.mark.sequence, reason: .forgedEnd)
        }
        if head.mark.sequence > through.sequence { return AuditFault(sequence: through.sequence + 1, reason: .missing) }
        if head.mark.sequence < through.sequence {
            // Either entries were added by hand, or the log was longer when the mark was noted.
            return AuditFault(
                sequence: head.mark.sequence + 1, reason: checked > 0 ? .forgedEnd : .missing)
        }
        return head.mark.hash == through.hash ? nil : AuditFault(sequence: through.sequence, reason: .altered)
    }
}

/// How far a verification has come.
public struct AuditReport: Sendable, Equatable {
    /// Everything up to here is what was written, if what it began behind is.
    public let through: AuditMark
    /// Entries that were found right.
    public let checked: Int64
    /// Whether the end of the log was reached.
    public let isComplete: Bool
    /// The first thing that is wrong; nil where everything is right.
    public let fault: AuditFault?

    /// The state of a verification.
    public init(_ verification: AuditVerification, isComplete: Bool, fault: AuditFault? = nil) {
        through = verification.through
        checked = verification.checked
        self.isComplete = isComplete
        self.fault = fault
    }
}
