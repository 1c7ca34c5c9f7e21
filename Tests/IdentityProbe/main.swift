import Crypto
import Glibc
import Identity
import JSON

// Measures what tokens and sign-ins cost, and whether times tell who has an account. Build it in release.
//
//   IdentityProbe [ROUNDS]            prints a line `WHAT: N per second of one core` for each, by the least processor time of so
//                                     many rounds of 0.2 s (default 20), for a machine has other things to do
//   IdentityProbe timing [SAMPLES]    compares names that somebody has with names that nobody has (default 2000)

let arguments = Array(CommandLine.arguments.dropFirst())

if arguments.first == "timing" {
    try await Timing(samples: arguments.dropFirst().first.flatMap { Int($0) } ?? 2000).run()
    exit(0)
}

let bench = try await Bench()
let tokens = try await bench.signIn(Bench.administrator)["AuthenticationResult"]
let access = tokens?["AccessToken"]?.string ?? ""
let refreshToken = tokens?["RefreshToken"] ?? .null
let verifier = bench.service.tokenVerifier
let key = try PrivateKey.generateRSA()
let message = Array(access.utf8)

try measure("one RSA-2048 signature") { _ = try key.sign(message, .sha256) }
try measure("an access token verified") { _ = try verifier.signed(access) }
try await measure("an access token verified, and its sign-in looked up") { _ = try await verifier.verify(access) }
try await measure("REFRESH_TOKEN_AUTH") { [bench, refreshToken] in try await bench.refresh(refreshToken) }
try await measure("GetTokensFromRefreshToken") { [bench, refreshToken] in
    _ = try await bench.call(
        "GetTokensFromRefreshToken", ["ClientId": .string(Bench.clientId), "RefreshToken": refreshToken])
}
try await measureRotation(bench)
try await measureSecondFactor()

let hash = try Argon2id.hash(Array(Bench.password.utf8), parameters: Argon2id.Parameters())
let alone = measure("Argon2id alone") { _ = Argon2id.verify(Array(Bench.password.utf8), encoded: hash) }
let signIn = try await measure("USER_PASSWORD_AUTH") { [bench] in _ = try await bench.signIn(Bench.administrator) }
print("    \((signIn - alone) * 1000 / alone) thousandths more than Argon2id alone")
