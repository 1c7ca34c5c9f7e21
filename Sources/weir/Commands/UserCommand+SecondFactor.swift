import Daemon
import Glibc
import JSON
import QRCode

extension UserCommand {
    /// How often a code is asked for at the keyboard.
    private static let tries = 3

    /// `weir user mfa`: tells of an account's authenticator, enrols one, or takes it away.
    func secondFactor(_ words: [String]) async throws {
        let (name, options) = try parse(words, values: ["--code"], flags: ["--enrol", "--remove"])
        let code = options["--code"]
        guard options.flags.count + (code == nil ? 0 : 1) < 2 else {
            throw UsageError("--enrol, --code and --remove exclude each other")
        }
        try await UserPoolAdmin.with(options) { pool in
            if let code {
                try await verify(code, of: name, pool)
            } else if options.flags.contains("--enrol") {
                try await enrol(name, pool)
            } else if options.flags.contains("--remove") {
                _ = try await pool.call("AdminDeleteSoftwareToken", ["Username": .string(name)])
                Terminal.output("\(name): has no authenticator any longer\n")
            } else {
                try await tell(of: name, pool)
            }
        }
    }

    private func tell(of name: String, _ pool: UserPoolAdmin) async throws {
        let user = try await pool.call("AdminGetUser", ["Username": .string(name)])
        let isAsked = user["UserMFASettingList"]?.array?.contains("SOFTWARE_TOKEN_MFA") ?? false
        Terminal.output("\(name): \(isAsked ? "is asked for the code of an authenticator" : "has no second factor")\n")
    }

    private func enrol(_ name: String, _ pool: UserPoolAdmin) async throws {
        let made = try await pool.call("AdminAssociateSoftwareToken", ["Username": .string(name)])
        guard let secret = made["SecretCode"]?.string, let uri = made["SetupURI"]?.string else {
            throw CommandFailure("the origin did not say what to enrol")
        }
        // A name too long for a QR code leaves the secret, which can be typed.
        Terminal.output((try? QRCode(uri).terminalText) ?? "")
        Terminal.output("\(name): scan this, or type the secret \(secret)\n\(uri)\n")
        guard isatty(STDIN_FILENO) == 1 else {
            Terminal.output("It is asked for once a code of it is right: weir user mfa \(name) --code CODE\n")
            return
        }
        for remaining in (0..<Self.tries).reversed() {
            Terminal.error("code: ")
            guard let code = readLine() else { throw CommandFailure("no code was given; nothing has changed") }
            do {
                return try await verify(code, of: name, pool)
            } catch let failure as CommandFailure where remaining > 0 {
                Terminal.error("\(failure)\n")
            }
        }
    }

    private func verify(_ code: String, of name: String, _ pool: UserPoolAdmin) async throws {
        _ = try await pool.call("AdminVerifySoftwareToken", ["Username": .string(name), "UserCode": .string(code)])
        Terminal.output("\(name): is asked for the code of an authenticator\n")
    }
}
