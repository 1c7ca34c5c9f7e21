let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "--child" { JailedTranscode.main(arguments.dropFirst(2)) }
print("")
