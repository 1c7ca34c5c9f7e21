import AccessSigning
import Crypto
import Daemon
import EventLoop

/// `weir sign`: cookies and URLs for people who test players or hand out links.
struct SignCommand {
    static let usage = """
        weir sign cookies [KEY] --resource PATTERN [--expires-in SECONDS] [--ip CIDR]
        weir sign url     [KEY] [--expires-in SECONDS] [--ip CIDR] URL

          KEY is --ready FILE (default ./weir-data/ready.json), or --key FILE.pem with --key-pair-id ID.
          Prints the value of a Cookie header, or the signed URL. PATTERN may hold * and ?, such as http*://*/media/ID/*.

        """

    let words: [String]

    func run() throws {
        guard let form = words.first, ["cookies", "url"].contains(form) else {
            throw UsageError("say what to sign: cookies or url")
        }
        let options = try CommandOptions(
            Array(words.dropFirst()),
            values: ["--ready", "--key", "--key-pair-id", "--resource", "--expires-in", "--ip"])
        let signer = try signer(options)
        let expires = WallClock.epochSeconds() + (try lifetime(options))
        if form == "cookies" {
            guard let resource = options["--resource"] else { throw UsageError("--resource PATTERN is missing") }
            let policy = CloudFrontPolicy(resource: resource, expires: expires, source: try network(options))
            let cookies = try signer.cookies(policy)
            Terminal.output(cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ") + "\n")
        } else {
            guard let url = options.operands.first, options.operands.count == 1 else {
                throw UsageError("give one URL to sign")
            }
            let policy = CloudFrontPolicy(resource: url, expires: expires, source: try network(options))
            Terminal.output(try signer.signedURL(url, policy: policy) + "\n")
        }
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
            return try Self.signer(privateKeyFile: key, keyPairId: id)
        }
        let ready = try ReadyFile(options["--ready"] ?? "./weir-data/ready.json")
        return try Self.signer(privateKeyFile: ready["privateKeyFile"], keyPairId: ready["keyPairId"])
    }

    private static func signer(privateKeyFile: String, keyPairId: String) throws -> CloudFrontSigner {
        let pem = String(decoding: try File.read(privateKeyFile), as: UTF8.self)
        return CloudFrontSigner(key: try PrivateKey(pem: pem), keyPairId: keyPairId)
    }

    private func lifetime(_ options: CommandOptions) throws(UsageError) -> Int64 {
        let text = options["--expires-in"] ?? "3600"
        guard let seconds = Int64(text), (1...315_360_000).contains(seconds) else {
            throw UsageError("--expires-in \(text): expected 1 to 315360000 seconds")
        }
        return seconds
    }
}
