import Configuration
import Daemon
import Edge
import EventLoop
import Glibc
import HTTPClient
import HTTPServer
import Telemetry

/// Folder of the configuration file, to which its relative paths refer.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

func program(in folder: String) -> Program<EdgeSettings> {
    Program(
        name: "weir-edge", purpose: "serves signed HLS from its cache, in front of an origin",
        parameters: EdgeParameters.all,
        metrics: EdgeMetricTable.all + HTTPServer.metricDeclarations + HTTPClient.metricDeclarations,
        tasks: [CacheVerification.task, DistributionTask.task], warnings: \.warnings
    ) { values in
        let sources = SettingsSources(
            folder: folder, readFile: { try File.read($0) }, resolve: { try $0.resolve() })
        return try EdgeSettings(values, sources: sources)
    }
}

/// How far the origin's control log is carried out stands beside the cache of which that is true, and its keys with it.
func controlFiles(in directory: String) -> ControlFiles {
    ControlFiles(
        position: controlFile("\(directory)/control-position"), keys: controlFile("\(directory)/control-keys"))
}

func controlFile(_ path: String) -> ControlFile {
    ControlFile(
        read: { File.exists(path) ? try File.read(path) : nil },
        write: { try File.writeAtomically($0, to: path, mode: 0o600) })
}

// Before there is a second thread that could read the environment.
let inherited = InheritedSockets.take()

/// The file named on the command line decides where relative paths lead, so it is looked for before anything is read.
let configurationArgument = CommandLine.arguments.firstIndex(of: "--config").map { $0 + 1 }
let named = configurationArgument.flatMap { $0 < CommandLine.arguments.count ? CommandLine.arguments[$0] : nil }
let edgeProgram = program(in: folder(of: named ?? ""))
let (configurationPath, settings) = edgeProgram.settings()

// Before any other thread exists: threads inherit the mask.
Signals.ignoreSIGPIPE()
Signals.block([.terminate, .interrupt, .hangUp, .user2])
let logger = Logger(
    label: "edge", level: LogLevel(settings.logLevel) ?? .info,
    sink: settings.logDestination == .standardError ? LogWriter.standardError : LogWriter(settings.logDestination))

do {
    let prepared = try EdgeServer.prepare(
        settings, processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)), logger: logger, inherited: inherited.descriptors,
        reread: { try program(in: folder(of: configurationPath)).read(configurationPath) })
    try inherited.predecessor?.dataWanted()
    let edge = try prepared.open()
    try inherited.predecessor?.ready(takingOver: prepared.takenOver)
    try edge.followOrigin(
        controlFiles(in: settings.cacheDirectory),
        catchingUpWithin: inherited.predecessor == nil ? .seconds(2) : .zero)
    try edge.serve()
    if let predecessor = inherited.predecessor { try predecessor.serving() } else { ReadinessNotice.ready() }
    try ControlLoop.run(edge, readyLimit: .seconds(settings.upgrade.readySeconds), logger: logger)
} catch {
    inherited.predecessor?.failed("\(error)")
    Terminal.error("weir-edge: cannot start: \(error)\n")
    exit(1)
}
