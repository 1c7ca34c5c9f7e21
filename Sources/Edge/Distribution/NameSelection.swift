import Bytes

/// Which query parameters, cookies or header fields count, by name.
enum NameSelection: Sendable, Equatable {
    case none
    case all
    /// In ascending order.
    case only([[UInt8]])
    /// In ascending order.
    case allExcept([[UInt8]])

    /// Allocates nothing. Complexity: O(log names).
    func includes(_ name: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .only(let names): Self.contains(names, name)
        case .allExcept(let names): !Self.contains(names, name)
        }
    }

    private static func contains(_ names: [[UInt8]], _ name: UnsafeRawBufferPointer) -> Bool {
        var range = 0..<names.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if names[middle].withUnsafeBytes({ ByteSearch.equal($0, name) }) { return true }
            let isBefore = names[middle].lexicographicallyPrecedes(name)
            range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }

    /// Whether the name is one that was written down.
    func names(_ name: UnsafeRawBufferPointer) -> Bool {
        if case .only(let names) = self { return Self.contains(names, name) }
        return false
    }
}
