import Supervisor
import TestKit
import Testing

@Suite struct PortReservationTests {
    @Test func `a free port is chosen and two reservations never share one`() throws {
        let first = try PortReservation(host: "127.0.0.1", port: 0)
        let second = try PortReservation(host: "127.0.0.1", port: 0)
        #expect(first.port != 0)
        #expect(first.port != second.port)
    }

    @Test func `a host that is no address is refused with an example`() {
        let error = #expect(throws: SupervisionError.self) { try PortReservation(host: "edge.example", port: 0) }
        #expect(error?.description.contains("127.0.0.1") == true)
    }
}

@Suite struct InstallationLockTests {
    @Test func `a second supervisor on a directory is refused and told who holds it`() throws {
        let directory = TemporaryDirectory()
        let held = try InstallationLock(directory: directory.path)
        let error = #expect(throws: SupervisionError.self) { try InstallationLock(directory: directory.path) }
        #expect(error?.description.contains("another `weir up`") == true)
        withExtendedLifetime(held) {}
    }

    @Test func `the directory is free again once the lock is let go`() throws {
        let directory = TemporaryDirectory()
        do { _ = try InstallationLock(directory: directory.path) }
        _ = try InstallationLock(directory: directory.path)
    }
}
