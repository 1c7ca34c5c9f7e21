import Daemon
import EventLoop
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
if words.first == "up" { Signals.block([.terminate, .interrupt]) }
exit(await WeirCommand.main(words))
