import AccessSigning
import Crypto
import Daemon
import EventLoop
import HTTPWire
import JSON

/// `weir sign`: cookies and URLs for people who test players or hand out links.
struct SignCommand {
    static let usage = """
        weir sign cookies [KEY] [WHEN] [--ip BLOCK] [--hash SHA1|SHA256] --resource PATTERN
        weir sign url     [KEY] [WHEN] [--ip BLOCK] [--hash SHA1|SHA256] [--resource PATTERN] URL
        weir sign cookies|url [KEY] [--expires-in S | --expires-at EPOCH] [--hash SHA1|SHA256] --canned URL

          Prints the value of a Cookie header, or the signed URL. PATTERN may hold * and ?, such as http*://*/media/ID/*; without
          it a URL opens itself. --canned signs CloudFront's short policy, which is good for one URL and says nothing but its end.

          KEY is --ready FILE (default ./weir-data/ready.json), or --origin URL --token-file FILE with an access token of the group
          admin: the origin then signs, with the key that signs for players. Or it is --key FILE.pem with --key-pair-id ID, a key of
          your own, trusted with weir keys create --public-key FILE. What is signed opens nothing any more once its key is
          retired (weir keys list).

          WHEN is [--starts-in S | --starts-at EPOCH] [--expires-in S | --expires-at EPOCH]; an hour from now unless given.
          BLOCK is an IPv4 address or block; an IPv6 one is understood by Weir's edges only. The hash is SHA1 for RSA keys and
          SHA256 for ECDSA unless given.

        """

    let words: [String]

    private static let values: Set<String> = [
        "--ready", "--key", "--key-pair-id", "--resource", "--starts-in", "--starts-at", "--expires-in", "--expires-at",
        "--ip", "--hash", "--origin", "--token-file",
    ]

    func run() async throws {
        guard let form = words.first, ["cookies", "url"].contains(form) else {
            throw UsageError("say what to sign: cookies or url")
        }
        let options = try CommandOptions(Array(words.dropFirst()), values: Self.values, flags: ["--canned"])
        let expires = try Moment(options, "--expires").epochSeconds ?? WallClock.epochSeconds() + 3_600
        let statement = try statement(options, form: form, expires: expires)
        let signature = try await sign(statement.text, options, try hash(options))
        if form == "cookies" {
            let cookies = statement.cookies(signature).map { "\($0.name)=\($0.value)" }
            Terminal.output(cookies.joined(separator: "; ") + "\n")
        } else {
            Terminal.output(statement.url(try url(options), signature) + "\n")
        }
    }

    private func statement(
        _ options: CommandOptions, form: String, expires: Int64
    ) throws(UsageError) -> CloudFrontStatement {
        if options.flags.contains("--canned") { return .canned(url: try cannedURL(options), expires: expires) }
        if form == "url" {
            let url = try url(options)
            return .custom(try policy(options, resource: options["--resource"] ?? url, expires: expires))
        }
        if let stray = options.operands.first {
            throw UsageError("unexpected \(stray); cookies open --resource PATTERN, or with --canned one URL")
        }
        guard let resource = options["--resource"] else { throw UsageError("--resource PATTERN is missing") }
        return .custom(try policy(options, resource: resource, expires: expires))
    }

    private func policy(
        _ options: CommandOptions, resource: String, expires: Int64
    ) throws(UsageError) -> CloudFrontPolicy {
        let starts = try Moment(options, "--starts").epochSeconds
        if let starts, starts >= expires {
            throw UsageError("it would end before it starts: \(expires) is not after \(starts)")
        }
        return CloudFrontPolicy(
            resource: resource, expires: expires, notBefore: starts, source: try network(options))
    }

    /// A canned policy has no room for more than its end.
    private func cannedURL(_ options: CommandOptions) throws(UsageError) -> String {
        for name in ["--resource", "--ip", "--starts-in", "--starts-at"] where options[name] != nil {
            throw UsageError("--canned goes without \(name), which needs a custom policy: leave --canned away")
        }
        return try url(options)
    }

    private func url(_ options: CommandOptions) throws(UsageError) -> String {
        guard let url = options.operands.first, options.operands.count == 1 else {
            throw UsageError("give one URL to sign")
        }
        guard HTTPURL(url) != nil, url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f }) else {
            throw UsageError("\(url) is no http:// or https:// URL without blanks, quotes and backslashes")
        }
        return url
    }

    private func network(_ options: CommandOptions) throws(UsageError) -> IPNetwork? {
        guard let text = options["--ip"] else { return nil }
        guard let network = IPNetwork(text) else {
            throw UsageError("--ip \(text): expected an address or block, such as 203.0.113.0/24 or 2001:db8::/32")
        }
        return network
    }

    private func hash(_ options: CommandOptions) throws(UsageError) -> CloudFrontHash? {
        guard let name = options["--hash"] else { return nil }
        guard let hash = CloudFrontHash(rawValue: name) else {
            throw UsageError("--hash \(name): expected SHA1 or SHA256")
        }
        return hash
    }

    /// Signs with a key at hand, or has the origin sign with the one that signs for players.
    private func sign(
        _ text: String, _ options: CommandOptions, _ hash: CloudFrontHash?
    ) async throws -> CloudFrontSignature {
        if let file = options["--key"] {
            guard let id = options["--key-pair-id"] else { throw UsageError("--key needs --key-pair-id ID") }
            let key = try PrivateKey(pem: String(decoding: try File.read(file), as: UTF8.self))
            return try CloudFrontSigner(key: key, keyPairId: id, hash: CloudFrontHash(usualFor: key.kind))
                .sign(text, with: hash)
        }
        var order: JSONObject = ["policy": .string(text)]
        if let hash { order["hashAlgorithm"] = .string(hash.rawValue) }
        let answer = try await OriginAdmin.with(options) { [order] origin, token in
            try await origin.call(.post, "/api/v1/admin/keys/sign", body: .object(order), bearer: token)
        }
        guard let id = answer["keyPairId"]?.string, let signature = answer["signature"]?.string,
            let used = answer["hashAlgorithm"]?.string.flatMap(CloudFrontHash.init)
        else {
            throw CommandFailure("the origin answered without a signature: is it of another version?")
        }
        return CloudFrontSignature(keyPairId: id, hash: used, text: signature)
    }
}

/// A moment that an option names from now (`…-in SECONDS`) or in epoch seconds (`…-at EPOCH`).
private struct Moment {
    /// nil when neither is given.
    let epochSeconds: Int64?

    init(_ options: CommandOptions, _ name: String) throws(UsageError) {
        switch (options["\(name)-in"], options["\(name)-at"]) {
        case (nil, nil): epochSeconds = nil
        case (let seconds?, nil):
            guard let count = Int64(seconds), (1...315_360_000).contains(count) else {
                throw UsageError("\(name)-in \(seconds): expected 1 to 315360000 seconds")
            }
            epochSeconds = try Self.checked(WallClock.epochSeconds() + count, "\(name)-in")
        case (nil, let moment?):
            guard let count = Int64(moment), count >= 0 else {
                throw UsageError("\(name)-at \(moment): expected seconds since 1970")
            }
            epochSeconds = try Self.checked(count, "\(name)-at")
        case (_?, _?): throw UsageError("give \(name)-in or \(name)-at")
        }
    }

    private static func checked(_ epochSeconds: Int64, _ option: String) throws(UsageError) -> Int64 {
        guard epochSeconds <= CloudFrontPolicy.maximumEpochSeconds else {
            throw UsageError(
                "\(option): \(epochSeconds) is beyond \(CloudFrontPolicy.maximumEpochSeconds), where policies end")
        }
        return epochSeconds
    }
}
