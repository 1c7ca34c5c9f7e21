import Archive
import Daemon
import EventLoop
import Glibc
import HTTPServer
import Identity
import Jobs
import Queues
import Tracing
import Viewing

func program() -> Program<OriginSettings> {
    Program(
        name: "weir-origin", purpose: "identity, uploads, the catalog and the control API",
        parameters: OriginParameters.all,
        metrics: HTTPServer.metricDeclarations + TraceMetricTable.all + WorkMetricTable.all + QueueMetricTable.all
            + ArchiveMetricTable.all
            + PageMetricTable.all + ViewingMetricTable.all
            + IdentityMetricTable.all,
        remark: { $0.mail.summary }, settings: OriginSettings.init)
}

let (configurationPath, settings) = program().settings()

Signals.ignoreSIGPIPE()
Signals.block([.terminate, .interrupt, .hangUp])
exit(await OriginProcess.run(settings) { try program().read(configurationPath) })
