public import Configuration
internal import Glibc
internal import JSON
public import Telemetry

/// Weir's version, one for all its programs (Semantic Versioning 2.0).
public let weirVersion = "0.1.0"

/// The command line every Weir process shares: `--config FILE`, `--check`, `--defaults`, `--reference`, `--version`.
///
/// `Settings` is what the process makes of a validated document; making it does the checks that need files or several
/// keys at once, so that `--check` finds what a start would find.
public struct Program<Settings> {
    let name: String
    let purpose: String
    let parameters: [Parameter]
    let metrics: [MetricDeclaration]
    let tasks: [ProgramTask]
    let makeSettings: (Configuration) throws -> Settings
    let warnings: (Settings) -> [ConfigurationProblem]
    let remark: (Settings) -> String?

    /// A program that is configured by one document; `warnings` and `remark` are what `--check` says of settings that
    /// are valid, and of the machine.
    public init(
        name: String, purpose: String, parameters: [Parameter], metrics: [MetricDeclaration] = [],
        tasks: [ProgramTask] = [], warnings: @escaping (Settings) -> [ConfigurationProblem] = { _ in [] },
        remark: @escaping (Settings) -> String? = { _ in nil }, settings: @escaping (Configuration) throws -> Settings
    ) {
        self.name = name
        self.purpose = purpose
        self.parameters = parameters
        self.metrics = metrics
        self.tasks = tasks
        self.warnings = warnings
        self.remark = remark
        makeSettings = settings
    }

    /// Answers the informational options itself; otherwise returns the settings to run with.
    ///
    /// Does not return after an informational option (exit 0), a task (its exit code), a wrong command line (exit 64) or a refused
    /// configuration (exit 78, every problem on standard error).
    public func settings(arguments: [String] = CommandLine.arguments) -> (configurationPath: String, settings: Settings)
    {
        switch ProgramOptions.parse(Array(arguments.dropFirst()), tasks: tasks.map(\.option)) {
        case .defaults:
            finish(ConfigurationReference.defaults(of: parameters).prettyPrinted)
        case .reference:
            finish(
                ConfigurationReference.markdown(program: name, parameters: parameters)
                    + MetricReference.markdown(metrics))
        case .version:
            finish("\(name) \(weirVersion)\n")
        case .help:
            finish(usage)
        case .check(let path):
            let settings = load(path)
            for warning in warnings(settings) { Terminal.error("\(name): warning: \(warning)\n") }
            if let remark = remark(settings) { Terminal.output("\(name): \(remark)\n") }
            finish("\(name): \(path) is valid\n")
        case .task(let option, let argument):
            exit(tasks.first { $0.option == option }.map { $0.run(argument) } ?? 64)
        case .run(let path):
            Supervised.endWithParent()
            return (path, load(path))
        case .wrong(let reason):
            Terminal.error("\(name): \(reason)\n\n\(usage)")
            exit(64)
        }
    }

    /// Reads and checks a document; used again for a reload.
    ///
    /// - Throws: `ConfigurationRefused`, `FileError`, or what making the settings throws.
    public func read(_ path: String) throws -> Settings {
        let document = try JSONValue.parse(try File.read(path))
        return try makeSettings(try Configuration(document, parameters: parameters))
    }

    private func load(_ path: String) -> Settings {
        do {
            return try read(path)
        } catch {
            let reasons = "\(error)".split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
            Terminal.error("\(name): refusing to start, the configuration \(path) is not usable:\n\(reasons)\n")
            exit(78)
        }
    }

    private func finish(_ text: String) -> Never {
        Terminal.output(text)
        exit(0)
    }

    private var usage: String {
        let lines =
            [
                ("--config FILE", "run"),
                ("--config FILE --check", "say what is wrong with the configuration, and exit"),
                ("--defaults", "print a configuration with every default"),
                ("--reference", "print the reference page of the configuration"),
            ] + tasks.map { ("\($0.option) \($0.argument)", $0.purpose) } + [("--version", "print the version")]
        let width = lines.map(\.0.count).max() ?? 0
        return "\(name): \(purpose)\n\n"
            + lines.map { options, meaning in
                "  \(name) \(options)\(String(repeating: " ", count: width - options.count + 3))\(meaning)\n"
            }.joined()
    }
}

/// Something a program does instead of serving, with one argument.
public struct ProgramTask: Sendable {
    let option: String
    let argument: String
    let purpose: String
    let run: @Sendable (String) -> Int32

    /// - Parameter run: does it and returns the exit code.
    public init(option: String, argument: String, purpose: String, run: @escaping @Sendable (String) -> Int32) {
        self.option = option
        self.argument = argument
        self.purpose = purpose
        self.run = run
    }
}

/// What a command line asks for.
enum ProgramOptions: Equatable {
    case run(String)
    case check(String)
    case defaults
    case reference
    case version
    case help
    case task(String, argument: String)
    case wrong(String)

    static func parse(_ arguments: [String], tasks: [String] = []) -> ProgramOptions {
        var path: String?
        var checkOnly = false
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--config":
                guard let value = rest.popFirst() else { return .wrong("--config needs a file") }
                path = value
            case "--check": checkOnly = true
            case "--defaults": return .defaults
            case "--reference": return .reference
            case "--version": return .version
            case "--help", "-h": return .help
            case _ where tasks.contains(option):
                guard let argument = rest.popFirst() else { return .wrong("\(option) needs an argument") }
                return .task(option, argument: argument)
            default: return .wrong("unknown option \(option)")
            }
        }
        guard let path else { return .wrong("--config FILE is missing") }
        return checkOnly ? .check(path) : .run(path)
    }
}

extension JSONValue {
    fileprivate var prettyPrinted: String { String(decoding: serialized(pretty: true), as: UTF8.self) + "\n" }
}
