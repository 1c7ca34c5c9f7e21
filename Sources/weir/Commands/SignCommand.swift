import AccessSigning
import Crypto
import Daemon
import EventLoop
import HTTPWire

/// `weir sign`: cookies and URLs for people who test players or hand out links.
struct SignCommand {
    static let usage = """
        weir sign cookies [KEY] [WHEN] [--ip BLOCK] [--hash SHA1|SHA256] --resource PATTERN
        weir sign url     [KEY] [WHEN] [--ip BLOCK] [--hash SHA1|SHA256] [--resource PATTERN] URL
        weir sign cookies|url [KEY] [--expires-in S | --expires-at EPOCH] [--hash SHA1|SHA256] --canned URL

          Prints the value of a Cookie header, or the signed URL. PATTERN may hold * and ?, such as http*://*/media/ID/*; without
          it a URL opens itself. --canned signs CloudFront's short policy, which is good for one URL and says nothing but its end.

          KEY is --ready FILE (default ./weir-data/ready.json), or --key FILE.pem with --key-pair-id ID. The key of ready.json is
          the installation's first; once it is retired (weir keys list), make one of your own, trusted with
          weir keys create --public-key FILE.

          WHEN is [--starts-in S | --starts-at EPOCH] [--expires-in S | --expires-at EPOCH]; an hour from now unless given.
          BLOCK is an IPv4 address or block; an IPv6 one is understood by Weir's edges only. The hash is SHA1 for RSA keys and
          SHA256 for ECDSA unless given.

        """

    let words: [String]

    private static let values: Set<String> = [
        "--ready", "--key", "--key-pair-id", "--resource", "--starts-in", "--starts-at", "--expires-in", "--expires-at",
        "--ip", "--hash",
    ]

    func run() throws {
        guard let form = words.first, ["cookies", "url"].contains(form) else {
            throw UsageError("say what to sign: cookies or url")
        }
        let options = try CommandOptions(Array(words.dropFirst()), values: Self.values, flags: ["--canned"])
        let signer = try signer(options)
        let expires = try Moment(options, "--expires").epochSeconds ?? WallClock.epochSeconds() + 3_600
        if form == "cookies" {
            Terminal.output(
                try cookies(options, signer, expires: expires).map { "\($0.name)=\($0.value)" }
                    .joined(separator: "; ") + "\n")
        } else {
            Terminal.output(try signedURL(options, signer, expires: expires) + "\n")
        }
    }

    private func cookies(
        _ options: CommandOptions, _ signer: CloudFrontSigner, expires: Int64
    ) throws -> [CloudFrontSigner.Cookie] {
        if options.flags.contains("--canned") {
            return try signer.cookies(url: try cannedURL(options), expires: expires)
        }
        if let stray = options.operands.first {
            throw UsageError("unexpected \(stray); cookies open --resource PATTERN, or with --canned one URL")
        }
        guard let resource = options["--resource"] else { throw UsageError("--resource PATTERN is missing") }
        return try signer.cookies(try policy(options, resource: resource, expires: expires))
    }

    private func signedURL(_ options: CommandOptions, _ signer: CloudFrontSigner, expires: Int64) throws -> String {
        if options.flags.contains("--canned") {
            return try signer.signedURL(try cannedURL(options), expires: expires)
        }
        let url = try url(options)
        return try signer.signedURL(
            url, policy: try policy(options, resource: options["--resource"] ?? url, expires: expires))
    }

    private func policy(_ options: CommandOptions, resource: String, expires: Int64) throws -> CloudFrontPolicy {
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

    private func signer(_ options: CommandOptions) throws -> CloudFrontSigner {
        if let key = options["--key"] {
            guard let id = options["--key-pair-id"] else { throw UsageError("--key needs --key-pair-id ID") }
            return try Self.signer(options, privateKeyFile: key, keyPairId: id)
        }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        return try Self.signer(options, privateKeyFile: ready["privateKeyFile"], keyPairId: ready["keyPairId"])
    }

    private static func signer(
        _ options: CommandOptions, privateKeyFile: String, keyPairId: String
    ) throws -> CloudFrontSigner {
        let key = try PrivateKey(pem: String(decoding: try File.read(privateKeyFile), as: UTF8.self))
        let digest: DigestAlgorithm
        switch options["--hash"] {
        case nil: digest = key.kind == .rsa ? .sha1 : .sha256
        case "SHA1": digest = .sha1
        case "SHA256": digest = .sha256
        case let other?: throw UsageError("--hash \(other): expected SHA1 or SHA256")
        }
        return CloudFrontSigner(key: key, keyPairId: keyPairId, digest: digest)
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
