import Testing

@testable import Daemon

@Suite struct ProgramOptionsTests {
    @Test func `a configuration file alone means run`() {
        #expect(ProgramOptions.parse(["--config", "a.json"]) == .run("a.json"))
    }

    @Test func `check needs a file and does not run`() {
        #expect(ProgramOptions.parse(["--check", "--config", "a.json"]) == .check("a.json"))
        #expect(ProgramOptions.parse(["--check"]) == .wrong("--config FILE is missing"))
    }

    @Test func `questions are answered without a file`() {
        #expect(ProgramOptions.parse(["--defaults"]) == .defaults)
        #expect(ProgramOptions.parse(["--reference"]) == .reference)
        #expect(ProgramOptions.parse(["--version"]) == .version)
        #expect(ProgramOptions.parse(["--help"]) == .help)
    }

    @Test func `what is not understood is named`() {
        #expect(ProgramOptions.parse(["--confg", "a"]) == .wrong("unknown option --confg"))
        #expect(ProgramOptions.parse(["--config"]) == .wrong("--config needs a file"))
    }

    @Test func `a task of the program's own is known by its option and takes one argument`() {
        #expect(
            ProgramOptions.parse(["--verify-cache", "dir"], tasks: ["--verify-cache"])
                == .task("--verify-cache", argument: "dir"))
        #expect(
            ProgramOptions.parse(["--verify-cache"], tasks: ["--verify-cache"])
                == .wrong("--verify-cache needs an argument"))
        #expect(ProgramOptions.parse(["--verify-cache", "dir"]) == .wrong("unknown option --verify-cache"))
    }
}
