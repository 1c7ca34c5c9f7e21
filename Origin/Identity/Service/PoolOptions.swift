internal import Catalog

/// What administrators have said of the pool, and what is as configured where they have not.
extension IdentityService {
    /// Throws for a pool that has been deleted.
    func pool(in reader: any IdentityReader) throws -> IdentityPool {
        guard let pool = try reader.pool(id: settings.userPoolId) else {
            throw CognitoError.unknownPool(settings.userPoolId)
        }
        return pool
    }

    func secondFactor(of options: IdentityPool.Options) -> IdentityPool.SecondFactor {
        options.secondFactor ?? (settings.secondFactor == .required ? .required : .optional)
    }

    func minimumPasswordLength(of options: IdentityPool.Options) -> Int {
        options.minimumPasswordLength ?? Passwords.lengths.lowerBound
    }

    func temporaryPasswordMilliseconds(of options: IdentityPool.Options) -> Int64 {
        options.temporaryPasswordDays.map { Int64($0) * 86_400_000 } ?? settings.temporaryPasswordSeconds * 1000
    }
}
