import Testing

@testable import Daemon

@Suite struct InheritedSocketsTests {
    private func inherited(
        _ variables: [String: String], process: Int32 = 10, parent: Int32 = 9
    ) -> InheritedSockets {
        InheritedSockets(SocketAnnouncement { variables[$0] }, process: process, parent: parent)
    }

    @Test func `descriptors are found by name, several under one name in order`() {
        let inherited = inherited([
            "LISTEN_PID": "10", "LISTEN_FDS": "4", "LISTEN_FDNAMES": "http:admin:http:",
        ])
        #expect(inherited.descriptors == ["http": [3, 5], "admin": [4], "unknown": [6]])
        #expect(inherited.predecessor == nil)
    }

    @Test(arguments: [
        [:], ["LISTEN_PID": "11", "LISTEN_FDS": "1"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "10", "LISTEN_FDS": "x"],
        ["LISTEN_PID": "10", "LISTEN_FDS": "-3"], ["WEIR_PREDECESSOR": "8", "LISTEN_FDS": "1"],
    ])
    func `what is for another process, or nothing, is not taken`(variables: [String: String]) {
        #expect(inherited(variables).descriptors.isEmpty)
    }

    @Test func `a successor reads what its predecessor writes, and talks on the last socket`() {
        let variables = SocketAnnouncement.variables(
            for: ["bound-http", "bound-http", SocketAnnouncement.control], predecessor: 9)
        let inherited = inherited(variables)
        #expect(inherited.descriptors == ["bound-http": [3, 4]])
        #expect(inherited.predecessor?.descriptor == 5)
    }
}
