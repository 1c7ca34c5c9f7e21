import Daemon
import HTTPClient
import HTTPWire
import JSON

/// `weir videos download`: one size of a video into a file, which appears under its name when it is whole.
struct VideoDownload {
    private let videoId: String
    private let height: Int64?
    private let output: String?
    private let isForced: Bool

    /// One of the files there are.
    private struct Offer {
        let height: Int64
        let bytes: Int64
        let url: String

        init(_ json: JSONValue) throws(CommandFailure) {
            guard let height = json["height"]?.integer, let bytes = json["bytes"]?.integer,
                let url = json["url"]?.string
            else { throw CommandFailure("the origin answered a download without height, bytes or url") }
            (self.height, self.bytes, self.url) = (height, bytes, url)
        }
    }

    init(_ options: LibraryOptions) throws(UsageError) {
        videoId = options.operands[0]
        output = options["--output"]
        isForced = options.flags.contains("--force")
        height = try options["--height"].map { text throws(UsageError) in
            guard let lines = Int64(text) else { throw UsageError("--height \(text): expected a number of lines") }
            return lines
        }
    }

    func run(_ session: OriginSession) async throws {
        let offer = try await choose(session)
        let path = output ?? "\(videoId)-\(offer.height)p.mp4"
        guard isForced || !File.exists(path) else {
            throw CommandFailure("\(path) is there already; --force replaces it, --output FILE names another")
        }
        let file = try PartialFile(path, version: "\(offer.height)p-\(offer.bytes)", totalBytes: offer.bytes)
        let display = TransferDisplay("downloading", total: offer.bytes) { file.size }
        do {
            try await TransferDisplay.during(display) {
                try await fetch(offer, into: file, session.connection.client)
            }
        } catch let error as ClientError {
            throw CommandInterrupted("\(path): \(error); what has come is kept, and the same command goes on")
        }
        try file.finish()
        Terminal.output("\(path): \(offer.bytes) bytes\n")
    }

    /// The size that is wanted, or the largest.
    private func choose(_ session: OriginSession) async throws -> Offer {
        let answer = try await session.call(.get, VideosCommand.path(of: videoId) + "/downloads")
        let offers = try (answer.array ?? []).map { json throws(CommandFailure) in try Offer(json) }
        let chosen = offers.last { height == nil || $0.height == height }
        guard let chosen else {
            let heights = offers.map { "\($0.height)" }.joined(separator: ", ")
            throw CommandFailure(
                offers.isEmpty
                    ? "there is no file of \(videoId) to download: they come after it is ready, and none of sound alone"
                    : "there is no such size of \(videoId); there are \(heights) lines")
        }
        return chosen
    }

    private func fetch(
        _ offer: Offer, into file: PartialFile, _ client: HTTPClient
    ) async throws {
        guard file.size < offer.bytes else { return }
        let place = try ServiceConnection.parse(offer.url)
        var headers = Headers()
        if file.size > 0 { headers.add("Range", "bytes=\(file.size)-") }
        let answer = try await client.send(
            ClientRequest(endpoint: place.endpoint, target: place.target, headers: headers))
        switch answer.status.code {
        case 206:
            guard answer.headers.first("content-range") == "bytes \(file.size)-\(offer.bytes - 1)/\(offer.bytes)" else {
                throw CommandFailure("\(place.endpoint) answered another range than was asked for")
            }
        case 200: try file.beginAnew()
        default: throw CommandFailure("\(place.endpoint) answered the download with \(answer.status.code)")
        }
        for try await bytes in answer.body { try file.append(bytes) }
    }
}
