/// What somebody may do with the control API; each role may all that the ones before it may.
///
/// A person's role follows from the groups of the same names, a service account's is its own.
public enum Role: String, Sendable, Comparable, CaseIterable {
    /// Lists and watches what is for them to see.
    case viewer
    /// Also uploads, and changes their own videos.
    case creator
    /// May do everything.
    case admin

    /// The strongest role that groups give; `other` for whoever is in none of the three.
    public init(groups: [String], otherwise other: Role) {
        self = groups.compactMap(Role.init(rawValue:)).max() ?? other
    }

    /// Weaker roles come first.
    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }

    /// What a group of the name is for, for people.
    var groupDescription: String {
        switch self {
        case .viewer: "May watch"
        case .creator: "May upload, and change their own videos"
        case .admin: "May do everything"
        }
    }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .creator: 1
        case .admin: 2
        }
    }
}
