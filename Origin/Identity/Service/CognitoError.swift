/// A refusal in the words Cognito's clients know.
struct CognitoError: Error, Equatable {
    let code: String
    let message: String
    let status: Int
    /// When to come again, where that is known.
    let retryAfterSeconds: Int64?

    init(_ code: String, _ message: String, status: Int = 400, retryAfterSeconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfterSeconds = retryAfterSeconds
    }

    static func invalidParameter(_ message: String) -> CognitoError {
        CognitoError("InvalidParameterException", message)
    }

    static func invalidPassword(_ message: String) -> CognitoError {
        CognitoError("InvalidPasswordException", message)
    }

    static func notAuthorized(_ message: String) -> CognitoError {
        CognitoError("NotAuthorizedException", message)
    }

    static func notFound(_ message: String) -> CognitoError {
        CognitoError("ResourceNotFoundException", message)
    }

    static func unknownPool(_ id: String) -> CognitoError {
        notFound("User pool \(id) does not exist.")
    }

    static func unknownClient(_ id: String) -> CognitoError {
        notFound("User pool client \(id) does not exist.")
    }

    static func flowNotEnabled(_ flow: String) -> CognitoError {
        invalidParameter("\(flow) flow not enabled for this client")
    }

    /// Clients retry it a few times, which costs nothing: it is said before anything is looked at.
    static func tooManyFromAddress(retryAfterSeconds: Int64) -> CognitoError {
        CognitoError(
            "TooManyRequestsException", "Too many attempts from this address; try again later.", status: 429,
            retryAfterSeconds: retryAfterSeconds)
    }

    /// One answer for a wrong password and for a name nobody has.
    static let incorrectPassword = notAuthorized("Incorrect username or password.")
    static let attemptsExceeded = notAuthorized("Password attempts exceeded")
    static let userDisabled = notAuthorized("User is disabled.")
    static let temporaryPasswordExpired = notAuthorized(
        "Temporary password has expired and must be reset by an administrator.")
    /// The sign-ins of the account that were under way have ended.
    static let secondFactorStopped = notAuthorized("Too many wrong codes; sign in with your password again.")
    static let invalidSession = notAuthorized("Invalid session for the user.")
    static let invalidAccessToken = notAuthorized("Invalid Access Token")
    static let invalidRefreshToken = notAuthorized("Invalid Refresh Token")
    static let refreshTokenReuse = CognitoError(
        "RefreshTokenReuseException", "The refresh token has been replaced; sign in again.")
    static let userNotConfirmed = CognitoError("UserNotConfirmedException", "User is not confirmed.")
    static let passwordResetRequired = CognitoError(
        "PasswordResetRequiredException", "Password reset required for the user")
    static let userNotFound = CognitoError("UserNotFoundException", "User does not exist.")
    static let passwordOfAnotherProvider = invalidParameter(
        "The user signs in with an outside provider and has no password here.")
    static let groupNotFound = notFound("Group not found.")
    static let usernameExists = CognitoError("UsernameExistsException", "User already exists")
    static let wrongConfirmationCode = CognitoError(
        "CodeMismatchException", "Invalid verification code provided, please try again.")
    static let expiredConfirmationCode = CognitoError(
        "ExpiredCodeException", "Invalid code provided, please request a code again.")
    static let tooManyFailedAttempts = CognitoError(
        "TooManyFailedAttemptsException", "Attempt limit exceeded, please try after some time.")
    static let limitExceeded = CognitoError(
        "LimitExceededException", "Attempt limit exceeded, please try after some time.")
    static let wrongSoftwareTokenCode = CognitoError(
        "CodeMismatchException", "Invalid code received for user")
    static let usedSoftwareTokenCode = CognitoError(
        "ExpiredCodeException", "Your software token has already been used once.")
    static let overloaded = CognitoError("TooManyRequestsException", "Too many requests; try again in a moment.")
    static let internalError = CognitoError("InternalErrorException", "An internal error occurred.", status: 500)
}
