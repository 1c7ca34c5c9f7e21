import Identity
import JSON

/// GetTokensFromRefreshToken of a client whose tokens are replaced, each use with the token of the one before.
func measureRotation(_ bench: Bench) async throws {
    let tokens = try await bench.signIn(Bench.administrator, client: "rotating")["AuthenticationResult"]
    var token = tokens?["RefreshToken"] ?? .null
    var costs: [Int] = []
    for _ in 0..<Rounds.count {
        let (end, processor) = (wallTime() + Rounds.nanoseconds, processorTime())
        var calls = 0
        while wallTime() < end {
            let answer = try await bench.call(
                "GetTokensFromRefreshToken", ["ClientId": "rotating", "RefreshToken": token])
            token = answer["AuthenticationResult"]?["RefreshToken"] ?? .null
            calls += 1
        }
        costs.append((processorTime() - processor) / calls)
    }
    report("GetTokensFromRefreshToken, token replaced", nanoseconds: costs)
}
