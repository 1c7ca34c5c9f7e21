import Configuration
import Edge

/// A distribution document is refused with a reason and a place, or valid and looked over; the way it is written says nothing.
func fuzzDistribution(_ bytes: UnsafeRawBufferPointer) {
    let check = DistributionCheck([UInt8](bytes))
    for found in check.problems + check.warnings {
        require(found.path.hasPrefix("$") && !found.message.isEmpty, "a finding without a place or a reason")
    }
    require(check.problems.isEmpty || check.warnings.isEmpty, "a refused document was looked over")
    let padded = DistributionCheck(Array(" \n".utf8) + [UInt8](bytes))
    if check.problems.isEmpty { require(padded.problems.isEmpty, "blanks make a difference") }
}

/// Lines: a path, and patterns. A pattern matches what its definition says, and what is said about several holds for the path.
func fuzzPathPattern(_ bytes: UnsafeRawBufferPointer) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false)
    guard lines.count > 1, lines.allSatisfy({ $0.count <= 64 && String(validating: $0, as: UTF8.self) != nil }) else {
        return
    }
    let path = [UInt8(ascii: "/")] + lines[0].drop { $0 == UInt8(ascii: "/") }
    let patterns = lines.dropFirst().map { PathPattern(String(decoding: $0, as: UTF8.self)) }
    let hasEmptySegment = zip(path, path.dropFirst()).contains { $0 == UInt8(ascii: "/") && $1 == UInt8(ascii: "/") }
    let matching = patterns.map { pattern in path.withUnsafeBytes { pattern.matches($0) } }
    for (pattern, isMatch) in zip(patterns, matching) {
        require(isMatch == matches(Array(pattern.description.utf8), path), "a match that the definition does not know")
    }
    for (left, first) in zip(patterns, matching) {
        for (right, second) in zip(patterns, matching) {
            let shared = left.sharedPath(with: right)
            if first, second, !hasEmptySegment { require(shared != nil, "a shared path was not found") }
            guard let shared else { continue }
            let areBoth = Array(shared.utf8).withUnsafeBytes { left.matches($0) && right.matches($0) }
            require(areBoth && !shared.contains("//"), "an example that is none")
        }
    }
    guard let first = patterns.first, matching[0], !hasEmptySegment else { return }
    let others = Array(patterns.dropFirst())
    if first.isCovered(by: others) { require(matching.dropFirst().contains(true), "covered, and yet not matched") }
}

/// The definition, by the ends of all beginnings of the path that match a beginning of the pattern.
private func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
    var ends: Set<Int> = [0]
    for byte in pattern {
        switch byte {
        case UInt8(ascii: "*"): ends = ends.min().map { Set($0...path.count) } ?? []
        case UInt8(ascii: "?"): ends = Set(ends.filter { $0 < path.count }.map { $0 + 1 })
        default: ends = Set(ends.filter { $0 < path.count && path[$0] == byte }.map { $0 + 1 })
        }
    }
    return ends.contains(path.count)
}
