internal import OAuth
internal import SQLiteDatabase

extension SQLiteIdentityTransaction {
    private static let codeColumns = """
        code_hash, client_id, user_id, browser_session_hash, redirect_uri, code_challenge, scopes, nonce,
        authenticated_at, expires_at
        """

    func authorizationCode(hash: [UInt8]) throws -> IdentityAuthorizationCode? {
        try connection.first(
            "SELECT \(Self.codeColumns) FROM identity_authorization_codes WHERE code_hash = ?", [hash]
        ) { row in
            IdentityAuthorizationCode(
                codeHash: try row.bytes(0), clientId: try row.text(1), userId: try row.text(2),
                browserSessionHash: try row.bytes(3), redirectURI: try row.text(4), codeChallenge: try row.text(5),
                scopes: OAuthScope.list(try row.text(6)) ?? [], nonce: try row.optionalText(7),
                authenticatedAt: try row.integer(8), expiresAt: try row.integer(9))
        }
    }

    func insert(_ code: IdentityAuthorizationCode) throws {
        try connection.execute(
            "INSERT INTO identity_authorization_codes (\(Self.codeColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                code.codeHash, code.clientId, code.userId, code.browserSessionHash, code.redirectURI,
                code.codeChallenge, code.scopes.scopeText, code.nonce, code.authenticatedAt, code.expiresAt,
            ])
    }

    func deleteAuthorizationCode(hash: [UInt8]) throws {
        try connection.execute("DELETE FROM identity_authorization_codes WHERE code_hash = ?", [hash])
    }
}
