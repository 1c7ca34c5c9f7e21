import Daemon
import EventLoop

let words = Array(CommandLine.arguments.dropFirst())
// Threads inherit what is blocked, so this comes before the first of them.
if words.first == "up" { Signals.block([.terminate, .interrupt]) }
AsyncMain.run { await WeirCommand.main(words) }
