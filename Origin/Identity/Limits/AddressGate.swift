internal import Audit
internal import Catalog
internal import HTTPWire
internal import JSON
internal import Synchronization
public import Telemetry
internal import TokenBuckets

/// What is exported of the limits of client addresses.
public enum IdentityMetricTable {
    static let refusals = MetricDeclaration(
        "weir_origin_identity_address_refusals_total", .counter, unit: "requests",
        help: """
            Calls of the user pool that were turned away because of their client address, by what there was too much of: \
            failedGuesses, signUps, codesSent. The audit log names the addresses (address_limited), once an hour.
            """, labels: ["limit"])

    /// All of them.
    public static let all = [refusals]
}

/// Counts what comes from each client address, in the memory of this origin: nothing that strangers do grows the database, and
/// a restart forgives.
final class AddressGate: Sendable {
    private let allowance: Mutex<AddressAllowance>
    private let refusals: [AddressLimit: Counter]

    init(_ limits: AddressLimits, _ registry: MetricsRegistry) {
        registry.declare(IdentityMetricTable.all)
        allowance = Mutex(AddressAllowance(limits))
        refusals = Dictionary(
            uniqueKeysWithValues: AddressLimit.allCases.map {
                ($0, registry.counter(IdentityMetricTable.refusals, $0.rawValue))
            })
    }

    func take(_ limit: AddressLimit, of address: IPAddress, at now: Int64) -> AddressAllowance.Verdict {
        let verdict = allowance.withLock { $0.take(limit, of: address, nowMilliseconds: now) }
        if !verdict.isGranted { refusals[limit]?.add() }
        return verdict
    }

    func giveBack(_ limit: AddressLimit, of address: IPAddress) {
        allowance.withLock { $0.giveBack(limit, of: address) }
    }
}

extension IdentityService {
    /// Carries out an operation unless the client's address has done too much of it.
    func perform(_ operation: CognitoOperation, _ input: CognitoInput) async throws -> JSONValue {
        guard let limit = try operation.limit(input) else { return try await carryOut(operation, input) }
        return try await counting(limit) { try await carryOut(operation, input) }
    }

    /// Runs `body` unless the client's address has done too much of this.
    ///
    /// What may be a guess counts before it is looked at, so that guesses sent in parallel count, and is given back if it was
    /// right. Only that one is: an account of one's own does not buy guesses at others.
    func counting<R: Sendable>(_ limit: AddressLimit, _ body: () async throws -> R) async throws -> R {
        guard let address = AuditContext.clientAddress.flatMap({ IPAddress($0) }) else { return try await body() }
        if case .refused(let seconds, let isFirst) = addressGate.take(limit, of: address, at: clock()) {
            if isFirst { try await tellOfLimit(limit) }
            throw CognitoError.tooManyFromAddress(retryAfterSeconds: seconds)
        }
        do {
            let output = try await body()
            if limit == .failedGuesses { addressGate.giveBack(limit, of: address) }
            return output
        } catch {
            if (error as? CognitoError)?.isVerdict != true { addressGate.giveBack(limit, of: address) }
            throw error
        }
    }

    private func tellOfLimit(_ limit: AddressLimit) async throws {
        let now = clock()
        try await store.write { transaction in
            try transaction.record(
                AuditAct(.addressLimited, outcome: "refused", ["limit": .string(limit.rawValue)]), at: now)
        }
        logger.warning("an address is turned away", ["limit": .string(limit.rawValue)])
    }
}

extension CognitoOperation {
    /// What the operation counts as; nil for what nothing can be guessed with, or an administrator has signed.
    fileprivate func limit(_ input: CognitoInput) throws(CognitoError) -> AddressLimit? {
        // A refresh token is not guessed, and whole offices have one that has ended.
        if self == .initiateAuth, try input.optionalText("AuthFlow")?.hasPrefix("REFRESH_TOKEN") == true { return nil }
        return switch self {
        case .initiateAuth, .respondToAuthChallenge, .verifySoftwareToken, .confirmSignUp, .confirmForgotPassword,
            .changePassword, .verifyUserAttribute:
            .failedGuesses
        case .signUp: .signUps
        case .resendConfirmationCode, .forgotPassword, .getUserAttributeVerificationCode: .codesSent
        default: nil
        }
    }
}

extension CognitoError {
    /// Whether something was looked at and found wrong, rather than not understood or not to be had just now.
    fileprivate var isVerdict: Bool {
        ![
            "InvalidParameterException", "InvalidPasswordException", "ResourceNotFoundException",
            "UnsupportedOperationException", "TooManyRequestsException", "InternalErrorException",
        ].contains(code)
    }
}
