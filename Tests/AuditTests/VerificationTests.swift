import JSON
import Testing

@testable import Audit

@Suite struct VerificationTests {
    private func expect(
        _ reason: AuditFault.Reason, at sequence: Int64, _ change: (inout Book) -> Void,
        _ location: SourceLocation = #_sourceLocation
    ) {
        var book = Book(5)
        change(&book)
        #expect(book.fault() == AuditFault(sequence: sequence, reason: reason), sourceLocation: location)
    }

    @Test func `what was written is right, from the beginning or from any entry`() {
        let book = Book(5)
        #expect(Book().fault() == nil)
        #expect(book.fault() == nil)
        for line in book.lines {
            #expect(book.fault(after: AuditMark(sequence: line.sequence, hash: line.hash)) == nil)
        }
    }

    @Test func `a changed entry or hash is named`() {
        expect(.altered, at: 3) { book in
            let line = book.lines[2]
            book.lines[2] = AuditLine(
                sequence: 3, text: line.text.replacing("job:2", with: "job:9"), hash: line.hash)
        }
        expect(.altered, at: 3) { book in
            book.lines[2] = AuditLine(sequence: 3, text: book.lines[2].text, hash: [UInt8](repeating: 0, count: 32))
        }
        expect(.altered, at: 2) { book in
            // Two entries exchanged.
            let (second, third) = (book.lines[1], book.lines[2])
            book.lines[1] = AuditLine(sequence: 2, text: third.text, hash: third.hash)
            book.lines[2] = AuditLine(sequence: 3, text: second.text, hash: second.hash)
        }
    }

    @Test func `a removed entry is named, also the first and the last`() {
        expect(.missing, at: 3) { $0.lines.remove(at: 2) }
        expect(.missing, at: 1) { $0.lines.remove(at: 0) }
        expect(.missing, at: 5) { $0.lines.removeLast() }
        expect(.missing, at: 1) { $0.lines = [] }
        expect(.misplaced, at: 4) { $0.lines.insert($0.lines[2], at: 3) }
        expect(.altered, at: 3) { book in
            // The ones behind were given the numbers of those that went.
            book.lines.remove(at: 2)
            for index in 2..<4 {
                let line = book.lines[index]
                book.lines[index] = AuditLine(sequence: line.sequence - 1, text: line.text, hash: line.hash)
            }
        }
    }

    @Test func `an end that was moved is noticed, even by somebody who knows all hashes`() {
        expect(.forgedEnd, at: 3) { book in
            book.lines.removeLast(2)
            book.head = AuditHead(mark: AuditMark(sequence: 3, hash: book.lines[2].hash), seal: book.head.seal)
        }
        expect(.forgedEnd, at: 5) { $0.head = AuditHead(mark: $0.head.mark, seal: []) }
        expect(.forgedEnd, at: 6) { book in
            // An entry behind the end: its hash is right, for it was the log's once.
            let old = book.head
            book.write(AuditAct(.jobRetried))
            book.head = old
        }
    }

    @Test func `an end that was moved stays known when the log goes on`() {
        expect(.forgedEnd, at: 4) { book in
            book.lines.removeLast(2)
            book.head = AuditHead(mark: AuditMark(sequence: 3, hash: book.lines[2].hash), seal: book.head.seal)
            book.write(AuditAct(.jobRetried))
            book.write(AuditAct(.jobRetried))
        }
    }

    @Test func `a whole older log is noticed by a mark that was noted elsewhere`() {
        let older = Book(3)
        var newer = older
        newer.write(AuditAct(.originStarted))
        let noted = newer.head.mark
        #expect(older.fault() == nil)
        #expect(older.fault(after: noted) == AuditFault(sequence: 4, reason: .missing))
        var rewritten = older
        rewritten.write(AuditAct(.jobRetried))
        #expect(rewritten.fault(after: noted) == AuditFault(sequence: 4, reason: .altered))
        rewritten.write(AuditAct(.jobRetried))
        #expect(rewritten.fault(after: noted) == AuditFault(sequence: 5, reason: .altered))
    }

    @Test func `a log goes on under a new sealing key, and each entry is verified with its own`() {
        let (old, new) = ([UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32))
        let (both, alone) = (AuditKeys(sealingKeys: [new, old]), AuditKeys(sealingKeys: [new]))
        var book = Book(2)
        book.write(AuditAct(.jobRetried), keys: both)
        #expect(!book.lines[2].text.contains("afterForgedEnd"))
        #expect(book.fault(keys: both) == nil)
        #expect(book.fault() == AuditFault(sequence: 3, reason: .otherKey))
        #expect(book.fault(keys: alone) == AuditFault(sequence: 1, reason: .otherKey))
        let change = AuditMark(sequence: 2, hash: book.lines[1].hash)
        #expect(book.fault(after: change, keys: alone) == nil)
        // A line cannot be passed off as another key's.
        let line = book.lines[2]
        let text = line.text.replacing(AuditKeys(sealingKeys: [new]).writing.id, with: Book.keys.writing.id)
        book.lines[2] = AuditLine(sequence: 3, text: text, hash: line.hash)
        #expect(book.fault(keys: both) == AuditFault(sequence: 3, reason: .altered))
    }

    @Test func `entries under another key are told from changed ones`() {
        expect(.otherKey, at: 1) { book in
            book = Book()
            book.write(AuditAct(.jobRetried), keys: AuditKeys(sealingKeys: [[UInt8](repeating: 8, count: 32)]))
        }
        expect(.altered, at: 2) { book in
            let line = book.lines[1]
            book.lines[1] = AuditLine(sequence: 2, text: "no JSON", hash: line.hash)
        }
    }
}
