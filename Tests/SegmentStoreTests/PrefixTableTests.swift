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

    private func add(_ text: String, _ number: Int, soft: Bool = false, to table: inout PrefixTable) {
        table.add([key(text): marks(number, soft: soft)])
    }

    private func marks(_ number: Int, soft: Bool) -> PurgeTable.Marks {
        var marks = PurgeTable.Marks()
        marks.add(sequence(number), soft: soft)
        return marks
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
        for number in 1...400 {
            let isSoft = Bool.random(using: &random)
            var additions: [[UInt8]: PurgeTable.Marks] = [:]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                additions[word(upTo: 7)] = marks(number, soft: isSoft)
            }
            table.add(additions)
            for (prefix, marks) in additions { plain.marks[prefix, default: PurgeTable.Marks()].merge(marks) }
            for prefix in additions.keys {
                for key in [prefix, prefix + [0], Array(prefix.dropLast()), word(upTo: 10)] {
                    #expect(key.withUnsafeBytes { table.marks(for: $0) } == plain.marks(for: key), "\(key)")
                }
            }
        }
        #expect(table.count == plain.marks.count)
        for prefix in plain.marks.keys {
            #expect(prefix.withUnsafeBytes { table.marks(for: $0) } == plain.marks(for: prefix))
        }
    }

    @Test func `a longer prefix does not hide what a shorter one has purged`() {
        var table = PrefixTable()
        add("/media/v1/", 1, to: &table)
        add("/media/", 2, to: &table)
        add("/media/v1/720p/", 3, soft: true, to: &table)
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
            add(text, number + 1, to: &table)
        }
        #expect(marks(table, "/a/bz") == nil)
        #expect(marks(table, "/a/b/c/zz")?.hard == sequence(2))
        #expect(marks(table, "/zz") == nil)
        #expect(marks(table, "/") == nil)
    }
}
