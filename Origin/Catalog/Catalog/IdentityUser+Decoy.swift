extension IdentityUser {
    /// Who is looked up, and written codes for, where a name is nobody's: so that an account is not known by the work that it
    /// makes.
    ///
    /// It is a row of no pool, which nobody signs in to and no list shows.
    public static let decoy = IdentityUser(
        id: "decoy", poolId: "", username: "decoy@example.invalid", usernameKey: "decoy@example.invalid",
        attributes: ["email": "decoy@example.invalid", "email_verified": "true"], passwordHash: nil, status: .confirmed,
        createdAt: 0)
}
