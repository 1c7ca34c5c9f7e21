import Bytes
import Crypto
import Glibc
import Identity
import JSON

/// Asks about names that somebody has and names that nobody has, in turns, and says whether the times tell them apart.
///
/// Each line: the medians, their difference with 99 % of a bootstrap's, and Mann–Whitney's z of that comparison and of one
/// between two names that somebody has, which no difference makes larger than about 3.
struct Timing {
    private let samples: Int
    private let bench: Bench
    private let names = ["ann@example.com", "bob@example.com", "eve@example.com"]
    /// Of a client's SRP: any number will do.
    private let publicValue = Hex.encode(SecureRandom.bytes(383))

    init(samples: Int) async throws {
        self.samples = samples
        bench = try await Bench()
        for name in names.dropLast() {
            try await bench.addPerson(name)
            _ = try await bench.signIn(name)
        }
    }

    func run() async throws {
        let bench = bench
        let about = { (name: String) -> JSONValue in
            [
                "ClientId": .string(Bench.clientId), "Username": .string(name), "ConfirmationCode": "none",
                "Password": "another horse",
            ]
        }
        try await compare("USER_PASSWORD_AUTH") { _ = try await bench.signIn($0, "wrong password") }
        try await compare("USER_SRP_AUTH") { [publicValue] name in
            _ = try await bench.call(
                "InitiateAuth",
                [
                    "ClientId": .string(Bench.clientId), "AuthFlow": "USER_SRP_AUTH",
                    "AuthParameters": ["USERNAME": .string(name), "SRP_A": .string(publicValue)],
                ])
        }
        for operation in ["ForgotPassword", "ResendConfirmationCode", "ConfirmForgotPassword"] {
            try await compare(operation) { _ = try await bench.ask(operation, about($0)) }
        }
        try await compare("SignUp") { [nobody = names.last] name in
            // A free name is taken by the one who asks, and another is free next time.
            let free = "\(Hex.encode(SecureRandom.bytes(8)))@example.com"
            _ = try await bench.ask("SignUp", about(name == nobody ? free : name))
        }
    }

    private func compare(_ what: String, _ ask: (String) async throws -> Void) async throws {
        var times: [[Int]] = [[], [], []]
        for number in 0..<samples + 20 {
            // Nobody is locked, and everybody is first, second and third as often.
            bench.clock.advance(seconds: 2_000)
            for turn in 0..<names.count {
                let index = (number + turn) % names.count
                let start = wallTime()
                try await ask(names[index])
                if number >= 20 { times[index].append(wallTime() - start) }
            }
        }
        let (known, control, unknown) = (times[0], times[1], times[2])
        let interval = Self.interval(known, unknown)
        print(
            "\(what): known \(Self.median(known) / 1000) µs, unknown \(Self.median(unknown) / 1000) µs,",
            "difference \(interval.lowerBound)…\(interval.upperBound) ns,",
            "z \(Self.text(Self.z(known, unknown))), of two known \(Self.text(Self.z(known, control)))")
    }

    private static func text(_ number: Double) -> String { String((number * 100).rounded() / 100) }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    /// What 99 % of a thousand samples drawn from these say of the difference of the medians.
    private static func interval(_ known: [Int], _ unknown: [Int]) -> ClosedRange<Int> {
        func drawn(_ values: [Int]) -> Int { median(values.indices.map { _ in values.randomElement() ?? 0 }) }
        let differences = (0..<1000).map { _ in drawn(unknown) - drawn(known) }.sorted()
        return differences[5]...differences[994]
    }

    /// Mann and Whitney's statistic, in standard deviations.
    private static func z(_ first: [Int], _ second: [Int]) -> Double {
        let ranked = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
        let rankSum = ranked.enumerated().reduce(0.0) { $0 + ($1.element.1 ? Double($1.offset + 1) : 0) }
        let (m, n) = (Double(first.count), Double(second.count))
        let u = rankSum - m * (m + 1) / 2
        return (u - m * n / 2) / (m * n * (m + n + 1) / 12).squareRoot()
    }
}
