internal import Glibc

let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "--child" { JailedTranscode.main(arguments.dropFirst(2)) }
if arguments.count == 5, arguments[1] == "--input", arguments[3] == "--output" {
    exit(await FileMode.run(input: arguments[2], output: arguments[4]))
}
