import Daemon
import EventLoop
import Glibc
import JSON
import Supervisor

/// `weir up`: the whole service on this machine, until a signal.
///
///     lock DIR → reserve ports → installation (made once) → write DIR/config → spawn → every process says READY
///     → probe through the edge → DIR/ready.json → … → SIGTERM → drain in reverse order → remove ready.json
struct UpCommand {
    let options: UpOptions

    func run() async throws {
        Signals.ignoreSIGPIPE()
        let loop = try EventLoop(name: "up")
        let stopSignals = try await SignalWatcher.signals([.terminate, .interrupt], on: loop)

        let directory = try absolute(options.dataDirectory)
        try File.makeDirectory(directory, mode: 0o700)
        let readyPath = "\(directory)/ready.json"
        let lock = try InstallationLock(directory: directory)
        unlink(readyPath)
        let addresses = try Addresses(options)
        let documents = ConfigurationDocuments(
            installation: try Installation.open(directory: directory, hosts: ["localhost", "127.0.0.1", "::1"]),
            addresses: addresses, options: try options.withAbsolutePaths(absolute))
        try documents.write()

        let supervisor = try supervisor(documents, on: loop)
        let serving = Task {
            try await supervisor.start()
            try await ReadinessProbe(addresses).wait()
            try File.writeAtomically(documents.ready.serialized(pretty: true), to: readyPath, mode: 0o600)
            Terminal.output("ready: \(addresses.edge.url()) (\(readyPath))\n")
            if options.mailPath == nil {
                Terminal.output(
                    "mail: codes and invitations are kept in \(documents.mailFolder); --mail names a server\n")
            }
        }
        let stopping = Task {
            for await signal in stopSignals {
                Terminal.output("\(signal): draining\n")
                serving.cancel()
                break
            }
            unlink(readyPath)
            await supervisor.shutDown()
        }
        let start = await serving.result
        if case .failure(let error) = start, !serving.isCancelled {
            await supervisor.shutDown()
            throw error
        }
        await stopping.value
        await loop.shutdown()
        withExtendedLifetime((lock, addresses)) {}
        Terminal.output("stopped\n")
    }

    private func supervisor(_ documents: ConfigurationDocuments, on loop: EventLoop) throws -> Supervisor {
        let directory = documents.installation.directory
        try File.makeDirectory("\(directory)/logs", mode: 0o700)
        let programs = try Programs.directory()
        let workers = (1...).prefix(options.workers).map { $0 == 1 ? "transcoder" : "transcoder-\($0)" }
        let children = (["origin", "edge"] + workers).map { name in
            let program = workers.contains(name) ? "transcoder" : name
            return ChildSpecification(
                name: "weir-\(name)", executable: "\(programs)/weir-\(program)",
                arguments: ["--config", documents.path(program)], logPath: "\(directory)/logs/\(name).log")
        }
        return try Supervisor(loop: loop, children: children, readinessPath: "\(directory)/notify", adoptsOrphans: true)
        {
            event in
            Terminal.error("weir: \(Self.describe(event)); log: \(directory)/logs\n")
        }
    }

    private static func describe(_ event: SupervisorEvent) -> String {
        switch event {
        case .recovered(let name): "\(name) serves again"
        case .died(let name, let reason, let delay): "\(name) ended with \(reason), starting it again in \(delay)"
        case .upgraded(let name): "\(name) has left its place to a new process"
        case .killed(let name): "\(name) did not drain in time and was killed"
        }
    }

    private func absolute(_ path: String) throws -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { throw CommandFailure("the current directory is gone") }
        defer { free(current) }
        return "\(String(cString: current))/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
    }
}

extension UpOptions {
    /// Children run with their own idea of relative paths, so they are given none.
    func withAbsolutePaths(_ absolute: (String) throws -> String) rethrows -> UpOptions {
        var copy = self
        copy.databasePath = try absolute(databasePath)
        copy.objectsDirectory = try absolute(objectsDirectory)
        return copy
    }
}
