import Testing

@testable import SegmentStore

@Suite struct PrefixTableTests {
    /// What a list looked through from end to end says.
    private struct Plain {
        var marks: [[UInt8]: PurgeTable.Marks] = [:]

        func marks(for key: [UInt8]) -> PurgeTable.Marks? {
            let found = marks.filter { key.starts(with: $0.key) }.values
            if found.isEmpty { return nil }
            return found.reduce(into: PurgeTable.Marks()) {
                $0.add($1.hard, soft: false)
                $0.add($1.soft, soft: true)
            }
        }
    }

    private func marks(_ table: PrefixTable, _ text: String) -> PurgeTable.Marks? {
        key(text).withUnsafeBytes { table.marks(for: $0) }
    }

    private func sequence(_ number: Int) -> PurgeSequence { PurgeSequence(rawValue: UInt64(number)) }

    @Test(arguments: [2, 4, 200])
    func `it says what a list of all prefixes says, in whatever order they came`(letters: Int) {
        var random = SystemRandomNumberGenerator()
        func word(upTo longest: Int) -> [UInt8] {
            (0..<Int.random(in: 1...longest, using: &random)).map { _ in
                UInt8(Int.random(in: 0..<letters, using: &random) * 255 / letters)
            }
        }
        var (table, plain) = (PrefixTable(), Plain())
        for number in 1...600 {
            let (prefix, isSoft) = (word(upTo: 7), Bool.random(using: &random))
            table.add(prefix, at: sequence(number), soft: isSoft)
            plain.marks[prefix, default: PurgeTable.Marks()].add(sequence(number), soft: isSoft)
            for key in [prefix, prefix + [0], Array(prefix.dropLast()), word(upTo: 10)] {
                #expect(key.withUnsafeBytes { table.marks(for: $0) } == plain.marks(for: key), "\(key)")
            }
        }
        #expect(table.count == plain.marks.count)
        for prefix in plain.marks.keys {
            #expect(prefix.withUnsafeBytes { table.marks(for: $0) } == plain.marks(for: prefix))
        }
    }

    @Test func `a longer prefix does not hide what a shorter one has purged`() {
        var table = PrefixTable()
        table.add(key("/media/v1/"), at: sequence(1), soft: false)
        table.add(key("/media/"), at: sequence(2), soft: false)
        table.add(key("/media/v1/720p/"), at: sequence(3), soft: true)
        #expect(marks(table, "/media/v1/720p/a") == PurgeTable.Marks(hard: sequence(2), soft: sequence(3)))
        #expect(marks(table, "/media/v1/a") == PurgeTable.Marks(hard: sequence(2), soft: .zero))
        #expect(marks(table, "/media/v2/a") == PurgeTable.Marks(hard: sequence(2), soft: .zero))
        #expect(marks(table, "/media") == nil)
        #expect(marks(table, "") == nil)
        #expect(marks(PrefixTable(), "/media") == nil)
    }

    @Test func `prefixes between which a key lies and none of which begins it say nothing`() {
        var table = PrefixTable()
        for (number, text) in ["/a/b/c/d", "/a/b/", "/a/c", "/b"].enumerated() {
            table.add(key(text), at: sequence(number + 1), soft: false)
        }
        #expect(marks(table, "/a/bz") == nil)
        #expect(marks(table, "/a/b/c/zz")?.hard == sequence(2))
        #expect(marks(table, "/zz") == nil)
        #expect(marks(table, "/") == nil)
    }
}
