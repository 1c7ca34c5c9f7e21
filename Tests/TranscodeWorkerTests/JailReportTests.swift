import Glibc
import Testing

@testable import TranscodeWorker

@Suite struct JailReportTests {
    private func report(filter: Int32 = 0, landlock: Int32 = 0, network: Int32 = 0) -> JailReport {
        JailReport(
            systemCallFilter: .init(name: "system call filter", code: filter),
            landlock: .init(name: "Landlock 7", code: landlock),
            networkNamespace: .init(name: "network namespace", code: network))
    }

    @Test func `trying the walls out leaves the process as it was`() throws {
        let before = JailReport.probe()
        let after = JailReport.probe()
        #expect(before.standing == after.standing)
        for descriptor in [open("/etc/passwd", O_RDONLY), socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)] {
            #expect(descriptor >= 0)
            close(descriptor)
        }
    }

    @Test func `the filter alone is enough, and so are Landlock and the namespace together`() {
        #expect(report().isTight)
        #expect(report(landlock: 38, network: 1).isTight)
        #expect(report(filter: 22).isTight)
        #expect(!report(filter: 22, landlock: 38).isTight)
        #expect(!report(filter: 22, network: 1).isTight)
    }

    @Test func `it says what stands, and of the rest what the kernel answered`() {
        #expect(report().summary == "the jail has system call filter, Landlock 7, network namespace")
        #expect(
            report(network: 1).summary
                == "the jail has system call filter, Landlock 7; it lacks network namespace (errno 1)")
        #expect(
            report(filter: 1, landlock: 2, network: 3).summary
                == "the jail has nothing; it lacks system call filter (errno 1), Landlock 7 (errno 2), network namespace (errno 3)"
        )
    }
}
