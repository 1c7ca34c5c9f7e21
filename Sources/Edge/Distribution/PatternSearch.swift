/// Questions about the sets of paths that patterns match, answered by walking through the patterns byte by byte. Only paths
/// without empty segments count, because the edge serves no others.
enum PatternSearch {
    private static let star = UInt8(ascii: "*")
    private static let any = UInt8(ascii: "?")
    private static let slash = UInt8(ascii: "/")
    /// What a wildcard is shown to match.
    private static let filler = UInt8(ascii: "x")
    /// Stands for all bytes that no pattern waits for; UTF-8 never has it.
    private static let unnamed: UInt8 = 0xff

    /// Enough for any order of behaviors that people write; some hundredths of a second.
    static let usualWork = 100_000

    // MARK: Overlap

    private struct Pair: Hashable {
        var left: Int
        var right: Int
        var isBehindSlash: Bool
    }

    /// A shortest path that both match; `nil` if there is none.
    ///
    /// Complexity: O(left · right).
    static func path(matching left: PathPattern, and right: PathPattern) -> String? {
        let (left, right) = (left.bytes, right.bytes)
        let start = Pair(left: 0, right: 0, isBehindSlash: false)
        var origin: [Pair: (from: Pair, byte: UInt8?)] = [:]
        var seen: Set<Pair> = [start]
        var queue = [start]
        var next = 0
        while next < queue.count {
            let state = queue[next]
            next += 1
            if state.left == left.count, state.right == right.count { return path(to: state, through: origin) }
            for step in steps(from: state, left, right) where seen.insert(step.to).inserted {
                origin[step.to] = (state, step.byte)
                queue.append(step.to)
            }
        }
        return nil
    }

    private static func steps(
        from state: Pair, _ left: [UInt8], _ right: [UInt8]
    ) -> [(to: Pair, byte: UInt8?)] {
        let (mine, other) = (byte(left, state.left), byte(right, state.right))
        var steps: [(to: Pair, byte: UInt8?)] = []
        if mine == star {
            steps.append((Pair(left: state.left + 1, right: state.right, isBehindSlash: state.isBehindSlash), nil))
        }
        if other == star {
            steps.append((Pair(left: state.left, right: state.right + 1, isBehindSlash: state.isBehindSlash), nil))
        }
        guard let mine, let other else { return steps }
        let wanted = isWildcard(mine) ? (isWildcard(other) ? filler : other) : mine
        guard isWildcard(other) || other == wanted, !(wanted == slash && state.isBehindSlash) else { return steps }
        let after = Pair(
            left: state.left + (mine == star ? 0 : 1), right: state.right + (other == star ? 0 : 1),
            isBehindSlash: wanted == slash)
        steps.append((after, wanted))
        return steps
    }

    private static func path(to end: Pair, through origin: [Pair: (from: Pair, byte: UInt8?)]) -> String {
        var bytes: [UInt8] = []
        var state = end
        while let step = origin[state] {
            if let byte = step.byte { bytes.append(byte) }
            state = step.from
        }
        return String(decoding: bytes.reversed(), as: UTF8.self)
    }

    // MARK: Cover

    /// Where one pattern and all of its possible coverers stand after the same bytes.
    private struct Standing: Hashable {
        var place: Int
        /// Of each coverer the places that it may be at, in ascending order.
        var others: [[Int]]
        var isBehindSlash: Bool
    }

    /// Whether every path that `pattern` matches is matched by one of `others`.
    ///
    /// - Parameter work: how many places may be looked at, less those that were: patterns can be made to take long, and
    ///   beyond it the answer is no.
    static func isCovered(_ pattern: PathPattern, by others: [PathPattern], work: inout Int) -> Bool {
        let pattern = pattern.bytes
        let others = others.map(\.bytes)
        let start = Standing(
            place: 0, others: others.map { closure([0], in: $0) }, isBehindSlash: false)
        var seen: Set<Standing> = [start]
        var open = [start]
        while let state = open.popLast() {
            if zip(state.others, others).contains(where: { takesAnything($0, $1) }) { continue }
            let isEnd = closure([state.place], in: pattern).contains(pattern.count)
            if isEnd, !zip(state.others, others).contains(where: { $0.contains($1.count) }) { return false }
            let symbols = symbols(at: state, pattern, others)
            for place in closure([state.place], in: pattern) where place < pattern.count {
                for symbol in symbols where matches(pattern[place], symbol) && !(symbol == slash && state.isBehindSlash)
                {
                    work -= state.others.reduce(1) { $0 + $1.count }
                    if work < 0 { return false }
                    let after = Standing(
                        place: pattern[place] == star ? place : place + 1,
                        others: zip(state.others, others).map { advance($0, in: $1, by: symbol) },
                        isBehindSlash: symbol == slash)
                    if seen.insert(after).inserted { open.append(after) }
                }
            }
        }
        return true
    }

    /// The bytes that make a difference there: those that some pattern waits for, the slash, and one for all others.
    private static func symbols(at state: Standing, _ pattern: [UInt8], _ others: [[UInt8]]) -> [UInt8] {
        var symbols: Set<UInt8> = [slash, unnamed]
        for place in closure([state.place], in: pattern) where place < pattern.count { symbols.insert(pattern[place]) }
        for (places, other) in zip(state.others, others) {
            for place in places where place < other.count { symbols.insert(other[place]) }
        }
        return symbols.filter { !isWildcard($0) }.sorted()
    }

    /// Whether the rest may be anything: a last star has been reached.
    private static func takesAnything(_ places: [Int], _ pattern: [UInt8]) -> Bool {
        places.contains { $0 < pattern.count && pattern[$0...].allSatisfy { $0 == star } }
    }

    private static func advance(_ places: [Int], in pattern: [UInt8], by symbol: UInt8) -> [Int] {
        var reached: [Int] = []
        for place in places where place < pattern.count && matches(pattern[place], symbol) {
            reached.append(pattern[place] == star ? place : place + 1)
        }
        return closure(reached, in: pattern)
    }

    /// The places reached without a byte: a star may match nothing.
    private static func closure(_ places: [Int], in pattern: [UInt8]) -> [Int] {
        var all = Set(places)
        for place in places {
            var place = place
            while place < pattern.count, pattern[place] == star {
                place += 1
                all.insert(place)
            }
        }
        return all.sorted()
    }

    private static func matches(_ byte: UInt8, _ symbol: UInt8) -> Bool { isWildcard(byte) || byte == symbol }

    private static func isWildcard(_ byte: UInt8) -> Bool { byte == star || byte == any }

    private static func byte(_ pattern: [UInt8], _ index: Int) -> UInt8? {
        index < pattern.count ? pattern[index] : nil
    }
}

extension PathPattern {
    fileprivate var bytes: [UInt8] { Array(description.utf8) }

    /// A shortest path without empty segments that both match; `nil` if there is none.
    ///
    /// Complexity: O(pattern · other).
    public func sharedPath(with other: PathPattern) -> String? { PatternSearch.path(matching: self, and: other) }

    /// Whether every path without empty segments that this one matches is matched by one of `others`. False also for
    /// patterns made to take long.
    public func isCovered(by others: [PathPattern]) -> Bool {
        var work = PatternSearch.usualWork
        return PatternSearch.isCovered(self, by: others, work: &work)
    }
}
