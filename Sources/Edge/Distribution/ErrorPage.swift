/// A page that clients get in place of an error, from the distribution's own paths.
struct ErrorPage: Sendable, Equatable {
    /// The status that it stands for.
    let errorCode: Int
    /// A normalised path.
    let path: String
    /// What clients are told; the error's own status unless the operator gives another.
    let responseCode: Int
}
