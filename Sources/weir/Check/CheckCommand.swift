import Conformance
import Crypto
import Daemon
import EventLoop
import HTTPClient
import HTTPWire

/// `weir check`: measures an HLS presentation and says which of its rules it breaks.
struct CheckCommand {
    static let usage = """
        weir check [--json] [--segments N|all] [--waive RULE]… [--cookie 'NAME=VALUE; …'] [--header 'NAME: VALUE']… URL|DIR
        weir check [--ready FILE] [--json] [--segments N|all] [--waive RULE]… VIDEO

          Fetches an HLS presentation and measures it from its bytes: rates, durations, decode times, key frames, codecs, sizes.
          Names every rule of Apple's HLS Authoring Specification and of RFC 8216 that it breaks, worst first. URL is the address
          of a multivariant or media playlist; cookies and headers go to its host alone. DIR is a folder with index.m3u8 or
          master.m3u8, or a playlist in one. VIDEO is a video of the installation: it is fetched through the edge with signed
          cookies, and again, when everything must come from the cache.
          --json prints the report for programs. --segments measures the first N of each playlist instead of all. --waive leaves
          out a rule, by number, such as 6.1.
          Exit 0: no MUST is broken. 2: one is. 1: it could not be checked.

        """

    let words: [String]

    func run() async throws {
        let options = try CommandOptions(
            words, values: ["--ready", "--cookie", "--header", "--segments", "--waive"], flags: ["--json"])
        guard let operand = options.operands.first, options.operands.count == 1 else {
            throw UsageError("give one address, folder or video id")
        }
        let checkOptions = try Self.checkOptions(options)
        let isAddress = ["http://", "https://"].contains { operand.lowercased().hasPrefix($0) }
        if !isAddress, options["--cookie"] != nil || options["--header"] != nil {
            throw UsageError("--cookie and --header are for addresses")
        }
        let report: ConformanceReport
        if isAddress {
            report = try await checkAddress(operand, options, checkOptions)
        } else if File.exists(operand) {
            let folder = try DirectoryResources(operand)
            report = await Self.check(folder.start, checkOptions) { folder.fetch($0) }
        } else {
            report = try await VideoCheck(
                video: operand, options: checkOptions, isJSON: options.flags.contains("--json")
            )
            .run(ready: ReadyFile(options["--ready"] ?? "./weir-data/ready.json"))
        }
        Terminal.output(options.flags.contains("--json") ? "\(report.json)\n" : report.text)
        switch report.verdict {
        case .conforms: break
        case .violates: throw DamageFound()
        case .unchecked: throw CommandFailure(report.failure ?? "nothing could be checked")
        }
    }

    private static func checkOptions(_ options: CommandOptions) throws(UsageError) -> ConformanceCheck.Options {
        var result = ConformanceCheck.Options(waivedRules: Set(options.values["--waive"] ?? []))
        for rule in result.waivedRules where !ConformanceRule.isKnown(rule) {
            throw UsageError("there is no rule \(rule)")
        }
        if let text = options["--segments"], text != "all" {
            guard let count = Int(text), count > 0 else {
                throw UsageError("--segments takes a number above 0, or all")
            }
            result.segmentsPerPlaylist = count
        }
        return result
    }

    private func checkAddress(
        _ address: String, _ options: CommandOptions, _ checkOptions: ConformanceCheck.Options
    ) async throws -> ConformanceReport {
        guard let home = HTTPURL(address) else { throw UsageError("\(address) is no address that can be fetched") }
        let headers = try Self.headers(options)
        return try await Self.withClient { client in
            let resources = try HTTPResources(client: client, home: home, headers: headers)
            return await Self.check(address, checkOptions) { await resources.fetch($0) }
        }
    }

    private static func headers(_ options: CommandOptions) throws(UsageError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let cookie = options["--cookie"] { headers.append(("Cookie", cookie)) }
        var acceptable = Headers()
        for header in options.values["--header"] ?? [] {
            let parts = header.split(separator: ":", maxSplits: 1).map(String.init)
            let value = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            guard parts.count == 2, acceptable.add(parts[0], value) else {
                throw UsageError("--header takes 'NAME: VALUE'")
            }
            headers.append((parts[0], value))
        }
        return headers
    }

    /// Runs a check with progress on standard error.
    static func check(
        _ address: String, _ options: ConformanceCheck.Options, fetch: @escaping ConformanceCheck.Fetch
    ) async -> ConformanceReport {
        let progress = CheckProgress()
        defer { progress.end() }
        let check = ConformanceCheck(
            options: options, decrypt: { try? AESCBC.open($0, key: $1, vector: $2) },
            progressed: { progress.note($0) }, fetch: fetch)
        return await check.run(address)
    }

    /// A client on a loop of its own, for one command.
    static func withClient<Result>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
        Signals.ignoreSIGPIPE()
        let loop = try EventLoop(name: "check")
        let client = HTTPClient(loop: loop, resolver: Resolver(pool: try BlockingPool(threads: 1, queueLimit: 16)))
        do {
            let result = try await body(client)
            await loop.shutdown()
            return result
        } catch {
            await loop.shutdown()
            throw error
        }
    }
}
