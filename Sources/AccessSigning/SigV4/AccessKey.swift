/// A key that signs calls to the origin, and what it is for.
public struct AccessKey: Sendable, Equatable {
    /// What a key is for.
    public enum Role: String, Sendable, CaseIterable {
        /// Nothing but the control API, as a viewer.
        case viewer
        /// Nothing but the control API, as a creator.
        case creator
        /// Everything.
        case admin
        /// Reading media and following the control log, for an edge.
        case edge
        /// Reading uploads and writing media, for a transcoder.
        case worker
    }

    /// The public name.
    public let id: String
    /// Never logged.
    public let secret: String
    /// What it is for.
    public let role: Role
    /// The one edge whose key this is; nil for any edge.
    public let edgeId: String?
    /// The service account whose key this is; nil for one of the installation's own.
    public let account: String?

    /// A key of its parts.
    public init(id: String, secret: String, role: Role, edgeId: String? = nil, account: String? = nil) {
        self.id = id
        self.secret = secret
        self.role = role
        self.edgeId = edgeId
        self.account = account
    }
}
