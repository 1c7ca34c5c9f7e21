internal import CBOR

/// A new key, and what its authenticator says of itself (WebAuthn §6.5).
struct AttestationObject: Sendable {
    let format: String
    let statement: CBORMap
    let authenticatorData: [UInt8]

    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard let map = try? CBORValue.parse(bytes).map, map.keys.count == 3, let format = map["fmt"]?.text,
            let statement = map["attStmt"]?.map, let authenticatorData = map["authData"]?.bytes
        else { throw .malformed("attestationObject") }
        self.format = format
        self.statement = statement
        self.authenticatorData = authenticatorData
    }

    /// Checks the statement as far as nobody's trust is needed; none is drawn from it.
    ///
    /// `none` says nothing. `packed` without certificates is signed by the new key itself; with certificates it says who made the
    /// authenticator, whom we do not ask, so that only its form is looked at. Other formats are refused: a browser that was
    /// asked for none sends none of them.
    func check(_ key: CredentialKey, clientDataHash: [UInt8]) throws(WebAuthnRefusal) {
        switch format {
        case "none":
            guard statement.keys.isEmpty else { throw .wrongAttestation }
        case "packed":
            guard let algorithm = statement["alg"]?.integer, let signature = statement["sig"]?.bytes else {
                throw .wrongAttestation
            }
            guard let certificates = statement["x5c"] else {
                guard statement.keys.count == 2, algorithm == key.algorithm.rawValue,
                    key.verify(signature: signature, message: authenticatorData + clientDataHash)
                else { throw .wrongAttestation }
                return
            }
            guard statement.keys.count == 3, !signature.isEmpty, let chain = certificates.array, !chain.isEmpty,
                chain.allSatisfy({ $0.bytes?.isEmpty == false })
            else { throw .wrongAttestation }
        default:
            throw .unsupportedAttestation(format)
        }
    }
}
