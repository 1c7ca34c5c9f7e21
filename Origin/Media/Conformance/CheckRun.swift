import Playlist

/// One check from its first fetch to its report.
struct CheckRun {
    /// A longer list of playlists, or a longer playlist, is none a player would read.
    static let mostPlaylists = 256
    static let mostSegments = 100_000

    let check: ConformanceCheck
    let address: String
    var report: ConformanceReport
    var findings: FindingCollector
    var keys: [String: [UInt8]] = [:]

    init(check: ConformanceCheck, address: String) {
        self.check = check
        self.address = address
        report = ConformanceReport(address: ResourceAddress.withoutQuery(address))
        findings = FindingCollector(waived: check.options.waivedRules)
    }

    mutating func run() async -> ConformanceReport {
        switch await fetch(.init(address: address, kind: .playlist)) {
        case .failure(let failure):
            report.failure = "\(report.address) could not be fetched: \(failure)"
        case .success(let resource):
            guard
                resource.content.prefix(10).drop(while: { [0xef, 0xbb, 0xbf].contains($0) }).starts(
                    with: "#EXTM3U".utf8)
            else {
                report.failure = "\(report.address) is no playlist: it does not begin with #EXTM3U"
                break
            }
            await checkPlaylist(resource)
        }
        if Task.isCancelled { report.failure = "the check was cancelled" }
        report.findings = findings.sorted
        report.unlistedFindings = findings.unlisted
        report.waivedRules = check.options.waivedRules.sorted()
        return report
    }

    private mutating func checkPlaylist(_ resource: Resource) async {
        let base = resource.address ?? address
        DeliveryRules.check(playlist: resource, at: Finding.Place(name(of: address)), &findings)
        guard Self.isMultivariant(resource.content) else {
            findings.add(
                .notMeasured, at: Finding.Place(name(of: address)),
                "This is a media playlist: rules about multivariant playlists were not checked.")
            let measured = await measure(resource, at: address, base: base, role: .variant)
            finish([measured])
            return
        }
        report.extent.playlists += 1
        let reading = MultivariantPlaylist.reading(resource.content)
        note(reading.problems, in: name(of: address))
        let outline = ListedPresentation(
            name: name(of: address), playlist: reading.playlist, lines: reading.lines, base: base)
        if outline.isCutShort {
            findings.add(
                .notMeasured, at: Finding.Place(outline.name),
                "Only the first \(ListedPresentation.mostEntries) tags of a kind were looked at.")
        }
        MultivariantRules.check(outline, &findings)
        noteVariables(resource.content, in: outline.name)
        var measured: [String: MeasuredPlaylist] = [:]
        for child in outline.children.prefix(Self.mostPlaylists) where !Task.isCancelled {
            measured[child.address] = await measure(child)
        }
        if outline.children.count > Self.mostPlaylists {
            findings.add(
                .notMeasured, at: Finding.Place(outline.name), measured: "\(outline.children.count)",
                "Only the first \(Self.mostPlaylists) of \(outline.children.count) media playlists were measured.")
        }
        let presentation = MeasuredPresentation(outline: outline, playlists: measured)
        VariantRules.check(presentation, &findings)
        LadderRules.check(presentation, &findings)
        AlignmentRules.check(presentation, &findings)
        SubtitleRules.check(presentation, &findings)
        finish(outline.children.compactMap { measured[$0.address] })
    }

    private mutating func finish(_ measured: [MeasuredPlaylist]) {
        let frame = measured.compactMap { $0.role == .iFrames ? nil : $0.clock.usualNanoseconds }.min()
        for playlist in measured {
            MediaRules.check(playlist, &findings)
            TimingRules.check(playlist, frameNanoseconds: frame, &findings)
        }
        report.renditions = measured.map(\.facts)
    }

    private static func isMultivariant(_ content: [UInt8]) -> Bool {
        let text = String(decoding: content, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).contains {
            $0.hasPrefix("#EXT-X-STREAM-INF") || $0.hasPrefix("#EXT-X-MEDIA:")
                || $0.hasPrefix("#EXT-X-I-FRAME-STREAM-INF")
        }
    }

    // MARK: Fetching

    mutating func fetch(_ request: ResourceRequest) async -> Result<Resource, ResourceFailure> {
        let answer = await check.fetch(request)
        if case .success(let resource) = answer { report.extent.bytes += resource.content.count }
        return answer
    }

    /// As the report calls an address: relative to the first one's folder where it lies in it, and without a query.
    func name(of address: String) -> String {
        let plain = ResourceAddress.withoutQuery(address)
        let top = ResourceAddress.withoutQuery(self.address)
        guard let slash = top.lastIndex(of: "/"), plain.hasPrefix(top[...slash]) else { return plain }
        return String(plain[top.index(after: slash)...])
    }

    mutating func note(_ problems: [PlaylistError], in playlist: String) {
        for problem in problems {
            findings.add(
                .syntax, at: Finding.Place(playlist, line: problem.line == 0 ? nil : problem.line),
                "\(problem.reason.prefix(1).uppercased() + problem.reason.dropFirst()).")
        }
    }

    mutating func noteVariables(_ content: [UInt8], in playlist: String) {
        let text = String(decoding: content, as: UTF8.self)
        if text.contains("#EXT-X-DEFINE") {
            findings.add(
                .notMeasured, at: Finding.Place(playlist),
                "The playlist uses variables (EXT-X-DEFINE), which this check does not replace.")
        }
        if text.contains("#EXT-X-PART") || text.contains("#EXT-X-SKIP") || text.contains("#EXT-X-PRELOAD-HINT") {
            findings.add(
                .notMeasured, at: Finding.Place(playlist),
                "The playlist uses tags of Low-Latency HLS, whose rules were not checked.")
        }
    }
}
