/// The members of a JSON object: unique names, in the order they were added.
///
/// Small objects, which nearly all are, are searched linearly; larger ones through an index, so that a hostile document
/// cannot make parsing quadratic. Names compare by their bytes: Swift's strings call a Kelvin sign equal to a K, other
/// readers of the document do not.
public struct JSONObject: Sendable {
    /// One name and its value.
    public typealias Member = (key: String, value: JSONValue)

    /// The members in order.
    public private(set) var members: [Member] = []
    private var index: [[UInt8]: Int] = [:]
    private static let indexedFrom = 16

    /// An object without members.
    public init() {}

    init(uniqueMembers: [(String, JSONValue)]) {
        for (key, value) in uniqueMembers {
            precondition(append(key, value), "member named twice in an object literal")
        }
    }

    /// The names in order.
    public var keys: [String] { members.map(\.key) }

    /// Number of members.
    public var count: Int { members.count }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a name.
    ///
    /// Setting an existing name keeps its place, a new one goes to the end, nil removes.
    public subscript(key: String) -> JSONValue? {
        get {
            position(of: key).map { members[$0].value }
        }
        set {
            if let position = position(of: key) {
                if let newValue {
                    members[position].value = newValue
                } else {
                    members.remove(at: position)
                    rebuildIndex()
                }
            } else if let newValue {
                _ = append(key, newValue)
            }
        }
    }

    /// Adds a member at the end, or returns false if the name is taken.
    mutating func append(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        members.append((key, value))
        if !index.isEmpty {
            index[Array(key.utf8)] = members.count - 1
        } else if members.count == JSONObject.indexedFrom {
            rebuildIndex()
        }
        return true
    }

    private func position(of key: String) -> Int? {
        index.isEmpty ? members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) } : index[Array(key.utf8)]
    }

    private mutating func rebuildIndex() {
        index.removeAll(keepingCapacity: true)
        guard members.count >= JSONObject.indexedFrom else { return }
        for (position, member) in members.enumerated() { index[Array(member.key.utf8)] = position }
    }
}

extension JSONObject: Equatable {
    /// Equal members under equal names; JSON gives their order no meaning.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object; naming a member twice is the caller's bug and traps.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(uniqueMembers: elements)
    }
}
