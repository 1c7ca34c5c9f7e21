import Daemon
import EventLoop
import Glibc
import HTTPServer

let program = Program(
    name: "weir-origin", purpose: "identity, uploads, the catalog and the control API",
    parameters: OriginParameters.all, metrics: HTTPServer.metricDeclarations,
    settings: OriginSettings.init)
let settings = program.settings().settings

Signals.ignoreSIGPIPE()
Signals.block([.terminate, .interrupt])
exit(await OriginProcess.run(settings))
