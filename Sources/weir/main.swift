import Daemon

await WeirCommand.main(Array(CommandLine.arguments.dropFirst()))
