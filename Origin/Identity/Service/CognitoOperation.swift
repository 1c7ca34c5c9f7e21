internal import HTTPServer
internal import JSON

/// The operations of the API that are served.
enum CognitoOperation: String, CaseIterable {
    case signUp = "SignUp"
    case confirmSignUp = "ConfirmSignUp"
    case resendConfirmationCode = "ResendConfirmationCode"
    case forgotPassword = "ForgotPassword"
    case confirmForgotPassword = "ConfirmForgotPassword"
    case initiateAuth = "InitiateAuth"
    case respondToAuthChallenge = "RespondToAuthChallenge"
    case associateSoftwareToken = "AssociateSoftwareToken"
    case verifySoftwareToken = "VerifySoftwareToken"
    case setUserMFAPreference = "SetUserMFAPreference"
    case getUser = "GetUser"
    case updateUserAttributes = "UpdateUserAttributes"
    case deleteUserAttributes = "DeleteUserAttributes"
    case getUserAttributeVerificationCode = "GetUserAttributeVerificationCode"
    case verifyUserAttribute = "VerifyUserAttribute"
    case changePassword = "ChangePassword"
    case deleteUser = "DeleteUser"
    case globalSignOut = "GlobalSignOut"
    case listUserSessions = "ListUserSessions"
    case revokeUserSession = "RevokeUserSession"
    case revokeToken = "RevokeToken"
    case getTokensFromRefreshToken = "GetTokensFromRefreshToken"
    case adminInitiateAuth = "AdminInitiateAuth"
    case adminRespondToAuthChallenge = "AdminRespondToAuthChallenge"
    case adminResetUserPassword = "AdminResetUserPassword"
    case startWebAuthnRegistration = "StartWebAuthnRegistration"
    case completeWebAuthnRegistration = "CompleteWebAuthnRegistration"
    case listWebAuthnCredentials = "ListWebAuthnCredentials"
    case deleteWebAuthnCredential = "DeleteWebAuthnCredential"
    case getUserAuthFactors = "GetUserAuthFactors"
    case adminConfirmSignUp = "AdminConfirmSignUp"
    case adminCreateUser = "AdminCreateUser"
    case adminSetUserPassword = "AdminSetUserPassword"
    case adminGetUser = "AdminGetUser"
    case adminDisableUser = "AdminDisableUser"
    case adminEnableUser = "AdminEnableUser"
    case adminDeleteUser = "AdminDeleteUser"
    case adminUserGlobalSignOut = "AdminUserGlobalSignOut"
    case adminListUserSessions = "AdminListUserSessions"
    case adminRevokeUserSession = "AdminRevokeUserSession"
    case adminUpdateUserAttributes = "AdminUpdateUserAttributes"
    case adminDeleteUserAttributes = "AdminDeleteUserAttributes"
    case adminSetUserMFAPreference = "AdminSetUserMFAPreference"
    case adminAssociateSoftwareToken = "AdminAssociateSoftwareToken"
    case adminVerifySoftwareToken = "AdminVerifySoftwareToken"
    case adminDeleteSoftwareToken = "AdminDeleteSoftwareToken"
    case adminAddUserToGroup = "AdminAddUserToGroup"
    case adminRemoveUserFromGroup = "AdminRemoveUserFromGroup"
    case adminListGroupsForUser = "AdminListGroupsForUser"
    case createGroup = "CreateGroup"
    case getGroup = "GetGroup"
    case updateGroup = "UpdateGroup"
    case deleteGroup = "DeleteGroup"
    case listGroups = "ListGroups"
    case listUsers = "ListUsers"
    case listUsersInGroup = "ListUsersInGroup"
    case createUserPool = "CreateUserPool"
    case describeUserPool = "DescribeUserPool"
    case updateUserPool = "UpdateUserPool"
    case deleteUserPool = "DeleteUserPool"
    case listUserPools = "ListUserPools"
    case getUserPoolMfaConfig = "GetUserPoolMfaConfig"
    case setUserPoolMfaConfig = "SetUserPoolMfaConfig"
    case createUserPoolClient = "CreateUserPoolClient"
    case describeUserPoolClient = "DescribeUserPoolClient"
    case updateUserPoolClient = "UpdateUserPoolClient"
    case deleteUserPoolClient = "DeleteUserPoolClient"
    case listUserPoolClients = "ListUserPoolClients"
    case createIdentityProvider = "CreateIdentityProvider"
    case describeIdentityProvider = "DescribeIdentityProvider"
    case updateIdentityProvider = "UpdateIdentityProvider"
    case deleteIdentityProvider = "DeleteIdentityProvider"
    case listIdentityProviders = "ListIdentityProviders"
    case adminLinkProviderForUser = "AdminLinkProviderForUser"
    case adminDisableProviderForUser = "AdminDisableProviderForUser"

    static let targetPrefix = "AWSCognitoIdentityProviderService."

    /// Whether only an administrator with an access key may call it: all but what people call for themselves.
    var needsSignature: Bool {
        switch self {
        case .signUp, .confirmSignUp, .resendConfirmationCode, .forgotPassword, .confirmForgotPassword, .initiateAuth,
            .respondToAuthChallenge, .associateSoftwareToken, .verifySoftwareToken, .setUserMFAPreference, .getUser,
            .updateUserAttributes, .deleteUserAttributes, .getUserAttributeVerificationCode, .verifyUserAttribute,
            .changePassword, .deleteUser, .globalSignOut, .listUserSessions, .revokeUserSession, .revokeToken,
            .getTokensFromRefreshToken, .startWebAuthnRegistration, .completeWebAuthnRegistration,
            .listWebAuthnCredentials,
            .deleteWebAuthnCredential, .getUserAuthFactors:
            false
        default: true
        }
    }
}

extension IdentityService {
    /// `perform` without the limits of client addresses.
    func carryOut(_ operation: CognitoOperation, _ input: CognitoInput) async throws -> JSONValue {
        switch operation {
        case .signUp: try await signUp(input)
        case .confirmSignUp: try await confirmSignUp(input)
        case .resendConfirmationCode: try await resendConfirmationCode(input)
        case .forgotPassword: try await forgotPassword(input)
        case .confirmForgotPassword: try await confirmForgotPassword(input)
        case .initiateAuth: try await initiateAuth(input)
        case .respondToAuthChallenge: try await respondToAuthChallenge(input)
        case .associateSoftwareToken: try await associateSoftwareToken(input)
        case .verifySoftwareToken: try await verifySoftwareToken(input)
        case .setUserMFAPreference: try await setUserMFAPreference(input)
        case .getUser: try await getUser(input)
        case .updateUserAttributes: try await updateUserAttributes(input)
        case .deleteUserAttributes: try await deleteUserAttributes(input)
        case .getUserAttributeVerificationCode: try await getUserAttributeVerificationCode(input)
        case .verifyUserAttribute: try await verifyUserAttribute(input)
        case .changePassword: try await changePassword(input)
        case .deleteUser: try await deleteUser(input)
        case .listUserSessions: try await listUserSessions(input)
        case .revokeUserSession: try await revokeUserSession(input)
        case .globalSignOut: try await globalSignOut(input)
        case .revokeToken: try await revokeToken(input)
        case .getTokensFromRefreshToken: try await getTokensFromRefreshToken(input)
        case .adminInitiateAuth: try await adminInitiateAuth(input)
        case .adminRespondToAuthChallenge: try await adminRespondToAuthChallenge(input)
        case .adminResetUserPassword: try await adminResetUserPassword(input)
        case .startWebAuthnRegistration: try await startWebAuthnRegistration(input)
        case .completeWebAuthnRegistration: try await completeWebAuthnRegistration(input)
        case .listWebAuthnCredentials: try await listWebAuthnCredentials(input)
        case .deleteWebAuthnCredential: try await deleteWebAuthnCredential(input)
        case .getUserAuthFactors: try await getUserAuthFactors(input)
        case .adminConfirmSignUp: try await adminConfirmSignUp(input)
        case .adminCreateUser: try await adminCreateUser(input)
        case .adminSetUserPassword: try await adminSetUserPassword(input)
        case .adminGetUser: try await adminGetUser(input)
        case .adminDisableUser: try await adminDisableUser(input)
        case .adminEnableUser: try await adminEnableUser(input)
        case .adminDeleteUser: try await adminDeleteUser(input)
        case .adminListUserSessions: try await adminListUserSessions(input)
        case .adminRevokeUserSession: try await adminRevokeUserSession(input)
        case .adminUserGlobalSignOut: try await adminUserGlobalSignOut(input)
        case .adminUpdateUserAttributes: try await adminUpdateUserAttributes(input)
        case .adminDeleteUserAttributes: try await adminDeleteUserAttributes(input)
        case .adminSetUserMFAPreference: try await adminSetUserMFAPreference(input)
        case .adminAssociateSoftwareToken: try await adminAssociateSoftwareToken(input)
        case .adminVerifySoftwareToken: try await adminVerifySoftwareToken(input)
        case .adminDeleteSoftwareToken: try await adminDeleteSoftwareToken(input)
        case .adminAddUserToGroup: try await adminAddUserToGroup(input)
        case .adminRemoveUserFromGroup: try await adminRemoveUserFromGroup(input)
        case .adminListGroupsForUser: try await adminListGroupsForUser(input)
        case .createGroup: try await createGroup(input)
        case .getGroup: try await getGroup(input)
        case .updateGroup: try await updateGroup(input)
        case .deleteGroup: try await deleteGroup(input)
        case .listGroups: try await listGroups(input)
        case .listUsers: try await listUsers(input)
        case .listUsersInGroup: try await listUsersInGroup(input)
        case .createUserPool: try await createUserPool(input)
        case .describeUserPool: try await describeUserPool(input)
        case .updateUserPool: try await updateUserPool(input)
        case .deleteUserPool: try await deleteUserPool(input)
        case .listUserPools: try await listUserPools(input)
        case .getUserPoolMfaConfig: try await getUserPoolMfaConfig(input)
        case .setUserPoolMfaConfig: try await setUserPoolMfaConfig(input)
        case .createUserPoolClient: try await createUserPoolClient(input)
        case .describeUserPoolClient: try await describeUserPoolClient(input)
        case .updateUserPoolClient: try await updateUserPoolClient(input)
        case .deleteUserPoolClient: try await deleteUserPoolClient(input)
        case .listUserPoolClients: try await listUserPoolClients(input)
        case .createIdentityProvider: try await createIdentityProvider(input)
        case .describeIdentityProvider: try await describeIdentityProvider(input)
        case .updateIdentityProvider: try await updateIdentityProvider(input)
        case .deleteIdentityProvider: try await deleteIdentityProvider(input)
        case .listIdentityProviders: try await listIdentityProviders(input)
        case .adminLinkProviderForUser: try await adminLinkProviderForUser(input)
        case .adminDisableProviderForUser: try await adminDisableProviderForUser(input)
        }
    }
}
