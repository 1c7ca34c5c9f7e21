public import HTTPWire

/// What the decision needs to know of the request that brought a response.
public struct CacheRequest: Sendable, Equatable {
    /// The method.
    public var method: HTTPMethod
    /// Whether it carried the viewer's `Authorization`; the edge's own signature towards the origin does not count.
    public var hasAuthorization: Bool
    /// Whether the viewer's `no-store` is to be obeyed; a CDN usually does not, so that strangers cannot empty it.
    public var forbidsStoring: Bool

    /// Takes the fields as they are.
    public init(method: HTTPMethod, hasAuthorization: Bool = false, forbidsStoring: Bool = false) {
        self.method = method
        self.hasAuthorization = hasAuthorization
        self.forbidsStoring = forbidsStoring
    }
}
