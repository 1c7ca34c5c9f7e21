import JSON

@testable import Audit

/// A log in memory.
struct Book {
    static let keys = AuditKeys(sealingKeys: [[UInt8](repeating: 7, count: 32)])

    var lines: [AuditLine] = []
    var head = AuditHead(mark: .beginning, seal: [])

    mutating func write(_ act: AuditAct, at time: Int64 = 1, keys: AuditKeys = Book.keys) {
        let (line, next) = AuditPen(keys: keys).write(act, at: time, after: head)
        lines.append(line)
        head = next
    }

    /// A log of so many entries.
    init(_ count: Int = 0) {
        for number in 0..<count { write(AuditAct(.jobRetried, of: .job("\(number)"))) }
    }

    /// The first thing that is wrong.
    func fault(after mark: AuditMark = .beginning, keys: AuditKeys = Book.keys) -> AuditFault? {
        var verification = AuditVerification(keys: keys, after: mark)
        for line in lines where line.sequence > mark.sequence {
            if let fault = verification.check(line) { return fault }
        }
        return verification.check(head)
    }
}
