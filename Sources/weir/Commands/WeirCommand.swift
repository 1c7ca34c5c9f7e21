import Daemon

/// The operator's command line: picks a subcommand and turns errors into exit codes.
enum WeirCommand {
    static let usage = """
        weir: runs and operates a video streaming service

        \(UpOptions.usage)
        \(UploadCommand.usage)
        \(VideosCommand.usage)
        \(JobsCommand.usage)
        \(CheckCommand.usage)
        \(SignCommand.usage)
        \(KeysCommand.usage)
        \(UserCommand.usage)
        \(ServiceAccountCommand.usage)
        \(PurgeCommand.usage)
        \(TopCommand.usage)
        \(CacheCommand.usage)
        \(AuditCommand.usage)
        \(UpgradeCommand.usage)
        \(EdgeCredentialsCommand.usage)
        weir --version

        """

    /// - Returns: exit code 0 when done, 1 when the work failed, 2 when damage was found, 64 for a wrong command line, 75 when the
    ///   same command may get further later.
    static func main(_ words: [String]) async -> Int32 {
        do {
            try await run(words)
            return 0
        } catch let error as UsageError {
            Terminal.error("weir: \(error)\n\n\(usage(of: words.first))")
            return 64
        } catch is DamageFound {
            return 2
        } catch let error as CommandInterrupted {
            Terminal.error("weir: \(error)\n")
            return CommandInterrupted.exitCode
        } catch {
            Terminal.error("weir: \(error)\n")
            return 1
        }
    }

    private static func run(_ words: [String]) async throws {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "up": try await UpCommand(options: UpOptions(rest)).run()
        case "upload": try await UploadCommand(words: rest).run()
        case "videos": try await VideosCommand(words: rest).run()
        case "jobs": try await JobsCommand(words: rest).run()
        case "check": try await CheckCommand(words: rest).run()
        case "sign": try await SignCommand(words: rest).run()
        case "keys": try await KeysCommand(words: rest).run()
        case "user": try await UserCommand(words: rest).run()
        case "service-account": try await ServiceAccountCommand(words: rest).run()
        case "cache": try await CacheCommand(words: rest).run()
        case "audit": try await AuditCommand(words: rest).run()
        case "upgrade": try await UpgradeCommand(words: rest).run()
        case "edge-credentials": try await EdgeCredentialsCommand(words: rest).run()
        case "purge": try await PurgeCommand(words: rest).run()
        case "top": try await TopCommand(words: rest).run()
        case "--version": Terminal.output("weir \(weirVersion)\n")
        case "--help", "-h": Terminal.output(usage)
        case nil: throw UsageError("say what to do")
        case let other?: throw UsageError("unknown command \(other)")
        }
    }

    private static func usage(of command: String?) -> String {
        switch command {
        case "up": UpOptions.usage
        case "upload": UploadCommand.usage
        case "videos": VideosCommand.usage
        case "jobs": JobsCommand.usage
        case "check": CheckCommand.usage
        case "sign": SignCommand.usage
        case "keys": KeysCommand.usage
        case "user": UserCommand.usage
        case "service-account": ServiceAccountCommand.usage
        case "purge": PurgeCommand.usage
        case "top": TopCommand.usage
        case "cache": CacheCommand.usage
        case "audit": AuditCommand.usage
        case "upgrade": UpgradeCommand.usage
        case "edge-credentials": EdgeCredentialsCommand.usage
        default: usage
        }
    }
}
