/// What pages tell people about what they did; the raw values travel from one page to the next.
///
/// The same is said of names that nobody has.
enum PageText: String {
    case wrongPassword = "wrong-password"
    case wrongCode = "wrong-code"
    case usedCode = "used-code"
    case wrongMailedCode = "wrong-mailed-code"
    case expiredMailedCode = "expired-mailed-code"
    case attemptsExceeded = "attempts-exceeded"
    case unusable
    case temporaryPasswordExpired = "temporary-password-expired"
    case passwordRefused = "password-refused"
    case nameRefused = "name-refused"
    case missing
    case notDelivered = "not-delivered"
    case busy
    case tooLate = "too-late"
    case resetRequired = "reset-required"
    case codeSent = "code-sent"
    case confirmed
    case passwordReplaced = "password-replaced"
    case enrolled
    case signedOut = "signed-out"

    /// Whether it is about something that did not go well.
    var isError: Bool {
        switch self {
        case .resetRequired, .codeSent, .confirmed, .passwordReplaced, .enrolled, .signedOut: false
        default: true
        }
    }

    /// The field that it is about; nil for the page as a whole.
    var field: PageField.Name? {
        switch self {
        case .wrongPassword: .password
        case .wrongCode, .usedCode, .wrongMailedCode, .expiredMailedCode: .code
        case .passwordRefused: .newPassword
        case .nameRefused: .username
        default: nil
        }
    }

    /// What is said.
    var text: String {
        switch self {
        case .wrongPassword: "This name and this password do not belong together, or the address is not confirmed yet."
        case .wrongCode: "This code is not right. Take the one that your application shows now."
        case .usedCode: "This code was used already. Wait for the next one."
        case .wrongMailedCode: "This code is not right. Take the one of the last message."
        case .expiredMailedCode: "This code is not good any longer. Ask for another."
        case .attemptsExceeded: "There were too many attempts. Wait a little and try again."
        case .unusable: "This account cannot be used. Ask an administrator."
        case .temporaryPasswordExpired: "The temporary password has expired. Ask an administrator for another."
        case .passwordRefused: "Choose another password: 8 to 256 characters, and none that many people have."
        case .nameRefused: "This is not an e-mail address."
        case .missing: "Fill in every field; a name has no blanks in it."
        case .notDelivered: "The message could not be sent. Try again in a moment."
        case .busy: "Too many people are signing in just now. Try again in a moment."
        case .tooLate: "That took too long, or did not go well too often. Sign in again."
        case .resetRequired: "Choose a new password, with the code that was sent to you."
        case .codeSent: "A message is on its way, if this account can have one. It says how to go on."
        case .confirmed: "Your address is confirmed. You can sign in now."
        case .passwordReplaced: "Your password is replaced. Sign in with the new one."
        case .enrolled: "From now on, signing in asks for a code of your application."
        case .signedOut: "You are signed out."
        }
    }

    /// What a refusal of the API means to people; nil for what they cannot mend.
    init?(_ refusal: CognitoError) {
        switch refusal {
        case .incorrectPassword: self = .wrongPassword
        case .attemptsExceeded, .tooManyFailedAttempts, .limitExceeded: self = .attemptsExceeded
        case .userDisabled: self = .unusable
        case .temporaryPasswordExpired: self = .temporaryPasswordExpired
        case .wrongSoftwareTokenCode: self = .wrongCode
        case .usedSoftwareTokenCode: self = .usedCode
        // An application may want to know who has no account; people on these pages do not get to.
        case .wrongConfirmationCode, .userNotFound: self = .wrongMailedCode
        case .expiredConfirmationCode: self = .expiredMailedCode
        case .invalidSession: self = .tooLate
        case .overloaded: self = .busy
        case _ where refusal.code == "InvalidPasswordException": self = .passwordRefused
        case _ where refusal.code == "CodeDeliveryFailureException": self = .notDelivered
        case _ where refusal.code == "InvalidParameterException": self = .missing
        case _ where refusal.code == "TooManyRequestsException": self = .attemptsExceeded
        // Whatever else keeps somebody out has ended the sign-in.
        case _ where refusal.code == "NotAuthorizedException": self = .tooLate
        default: return nil
        }
    }
}
