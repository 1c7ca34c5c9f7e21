internal import HTTPServer
internal import JSON

/// The operations of the API that are served.
enum CognitoOperation: String, CaseIterable {
    case signUp = "SignUp"
    case confirmSignUp = "ConfirmSignUp"
    case resendConfirmationCode = "ResendConfirmationCode"
    case initiateAuth = "InitiateAuth"
    case respondToAuthChallenge = "RespondToAuthChallenge"
    case associateSoftwareToken = "AssociateSoftwareToken"
    case verifySoftwareToken = "VerifySoftwareToken"
    case setUserMFAPreference = "SetUserMFAPreference"
    case getUser = "GetUser"
    case globalSignOut = "GlobalSignOut"
    case revokeToken = "RevokeToken"
    case adminConfirmSignUp = "AdminConfirmSignUp"
    case adminCreateUser = "AdminCreateUser"
    case adminSetUserPassword = "AdminSetUserPassword"
    case adminGetUser = "AdminGetUser"

    static let targetPrefix = "AWSCognitoIdentityProviderService."

    /// Whether only an administrator with an access key may call it.
    var needsSignature: Bool {
        rawValue.hasPrefix("Admin")
    }
}

extension IdentityService {
    func perform(_ operation: CognitoOperation, _ input: CognitoInput) async throws -> JSONValue {
        switch operation {
        case .signUp: try await signUp(input)
        case .confirmSignUp: try await confirmSignUp(input)
        case .resendConfirmationCode: try await resendConfirmationCode(input)
        case .initiateAuth: try await initiateAuth(input)
        case .respondToAuthChallenge: try await respondToAuthChallenge(input)
        case .associateSoftwareToken: try await associateSoftwareToken(input)
        case .verifySoftwareToken: try await verifySoftwareToken(input)
        case .setUserMFAPreference: try await setUserMFAPreference(input)
        case .getUser: try await getUser(input)
        case .globalSignOut: try await globalSignOut(input)
        case .revokeToken: try await revokeToken(input)
        case .adminConfirmSignUp: try await adminConfirmSignUp(input)
        case .adminCreateUser: try await adminCreateUser(input)
        case .adminSetUserPassword: try await adminSetUserPassword(input)
        case .adminGetUser: try await adminGetUser(input)
        }
    }
}
