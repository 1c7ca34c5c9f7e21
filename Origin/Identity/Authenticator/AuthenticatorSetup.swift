internal import Bytes
internal import QRCode

/// What an authenticator application is given so that it makes the codes of an account.
struct AuthenticatorSetup: Sendable, Equatable {
    /// The secret as `SecretCode` and people say it, Base32 without padding.
    let secretCode: String
    /// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER`, which applications read from a QR code.
    let uri: String

    /// - Parameters:
    ///   - issuer: who the codes are for.
    ///   - account: the user name.
    init(secret: [UInt8], issuer: String, account: String) {
        self.init(secretCode: Base32.encode(secret), issuer: issuer, account: account)
    }

    /// - Parameter secretCode: the `SecretCode` that AssociateSoftwareToken gave.
    init(secretCode: String, issuer: String, account: String) {
        self.secretCode = secretCode
        let encodedIssuer = PercentEncoding.encode(issuer)
        uri =
            "otpauth://totp/\(encodedIssuer):\(PercentEncoding.encode(account))"
            + "?secret=\(PercentEncoding.encode(secretCode))&issuer=\(encodedIssuer)"
    }

    /// Throws when the name is too long for a QR code, which then has to be typed.
    func qrCode() throws(QRCodeRefused) -> QRCode { try QRCode(uri) }
}
