internal import Daemon
internal import EventLoop

let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "--child" { JailedTranscode.main(arguments.dropFirst(2)) }
if arguments.count == 5, arguments[1] == "--input", arguments[3] == "--output" {
    let (input, output) = (arguments[2], arguments[4])
    AsyncMain.run { await FileMode.run(input: input, output: output) }
}

let program = Program(
    name: "weir-transcoder", purpose: "makes uploads into HLS streams", parameters: TranscoderParameters.all,
    settings: TranscoderSettings.init)
let settings = program.settings().settings
// Before any other thread exists: threads inherit the mask.
Signals.ignoreSIGPIPE()
Signals.block([.terminate, .interrupt])
AsyncMain.run { await Service.run(settings) }
