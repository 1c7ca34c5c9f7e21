internal import Daemon
internal import EventLoop
internal import Glibc
internal import HTTPServer
internal import TranscodeWorker

var arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "--child" { JailedTranscode.main(arguments.dropFirst(2)) }
if FileMode.isWanted(arguments) { exit(await FileMode.run(Array(arguments.dropFirst()))) }

let program = Program(
    name: "weir-transcoder", purpose: "makes uploads into HLS streams", parameters: TranscoderParameters.all,
    metrics: HTTPServer.metricDeclarations + WorkerMetricTable.all, remark: \.jail.summary,
    settings: TranscoderSettings.init)
let pool: PoolOptions
do {
    pool = try PoolOptions(takenFrom: &arguments)
} catch {
    Terminal.error("weir-transcoder: \(error)\n")
    exit(64)
}
let settings = program.settings(arguments: arguments).settings.with(pool)
Signals.ignoreSIGPIPE()
Signals.block([.terminate, .interrupt])
exit(await Service.run(settings))
