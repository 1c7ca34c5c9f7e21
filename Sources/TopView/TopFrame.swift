/// One picture of an edge, as lines of a terminal.
public struct TopFrame {
    /// Where the edge is, as the operator named it.
    let address: String
    private let rates: TopRates
    private let keys: [TopSample.Key]
    private let width: Int
    private let styles: TerminalStyles

    /// Shows what happened between two samples, `width` columns wide, with colours if those may be.
    public init(from old: TopSample, to new: TopSample, address: String, width: Int, hasColours: Bool) {
        rates = TopRates(from: old, to: new)
        keys = new.keys
        self.address = address
        self.width = max(60, width)
        styles = TerminalStyles(areOn: hasColours)
    }

    /// The picture, cut to `height` lines if one is given.
    public func lines(height: Int? = nil) -> [String] {
        let parts: [[Styled]] = [summary, beside(results, origins), state, topKeys]
        let lines = parts.joined(separator: [Styled()]).map { cut($0) }
        return height.map { Array(lines.prefix(max(1, $0))) } ?? lines
    }

    // MARK: Parts

    private var summary: [Styled] {
        let errors = rates.errors
        return [
            [.bold("weir top"), .plain("  \(address)")],
            [
                .plain("requests "), .bold("\(Quantities.count(rates.requests))/s"), .plain("   hit "),
                .bold(Quantities.share(rates.hitRatio)), .plain("   out "),
                .bold("\(Quantities.bytes(rates.bytesOut))/s"), .plain("   in \(Quantities.bytes(rates.bytesIn))/s"),
                .plain("   origins \(Quantities.bytes(rates.bytesFromOrigins))/s   errors "),
                errors > 0 ? .bad("\(Quantities.count(errors))/s") : .plain("0"),
                .plain("   denied \(Quantities.count(rates.denials))/s"),
            ],
            [.plain("first byte  "), .plain(latency("hit")), .plain("   "), .plain(latency("miss"))],
        ]
    }

    private func latency(_ result: String) -> String {
        let latency = rates.firstByte(of: result)
        let (median, p95) = (Quantities.duration(latency.median), Quantities.duration(latency.p95))
        return "\(result) p50 \(median) p95 \(p95) p99 \(Quantities.duration(latency.p99))"
    }

    private var results: [Styled] {
        let heading: Styled = [.heading(pad("RESULT", 14) + padLeft("req/s", 8) + padLeft("share", 9))]
        return [heading]
            + rates.results.map { result in
                let bar = String(repeating: "█", count: Int((result.share * 8).rounded()))
                return [
                    .plain(pad(result.name, 14)), .plain(padLeft(Quantities.count(result.rate), 8)),
                    .plain(padLeft(Quantities.share(result.share), 9)),
                    result.name == "error" ? .bad(" \(bar)") : .good(" \(bar)"),
                ]
            }
    }

    private var origins: [Styled] {
        let heading: Styled = [
            .heading(
                pad("ORIGIN", 14) + padLeft("req/s", 8) + padLeft("fail/s", 8) + padLeft("p50", 9) + padLeft("p95", 9)
                    + "  up")
        ]
        return [heading]
            + rates.origins.map { origin in
                let servers = "  \(origin.usable)/\(origin.servers)"
                return [
                    .plain(pad(origin.name, 14) + padLeft(Quantities.count(origin.rate), 8)),
                    origin.failures > 0
                        ? .bad(padLeft(Quantities.count(origin.failures), 8)) : .plain(padLeft("0", 8)),
                    .plain(padLeft(Quantities.duration(origin.latency.median), 9)),
                    .plain(padLeft(Quantities.duration(origin.latency.p95), 9)),
                    origin.usable < origin.servers ? .bad(servers) : .plain(servers),
                ]
            }
    }

    private var state: [Styled] {
        let (used, capacity) = (rates.gauge("weir_store_used_bytes"), rates.gauge("weir_store_capacity_bytes"))
        let full = Quantities.share(capacity > 0 ? used / capacity : nil)
        let loops = rates.loops.map { "\($0.name) \(Quantities.share($0.busy))" }.joined(separator: "  ")
        let (plain, h2) = (connections("http/1.1"), connections("h2"))
        return [
            [
                .heading("STORE  "), .plain("\(Quantities.whole(rates.gauge("weir_store_objects"))) objects   "),
                .plain("\(Quantities.bytes(used)) of \(Quantities.bytes(capacity)), \(full)   stored "),
                .plain("\(Quantities.count(rates.rate("weir_store_stored_total")))/s   evicted "),
                .plain("\(Quantities.count(rates.rate("weir_store_evicted_total")))/s   fills "),
                .plain(Quantities.whole(rates.gauge("weir_edge_fills"))),
            ],
            [
                .heading("CLIENTS  "), .plain("http/1.1 \(Quantities.whole(plain))   h2 \(Quantities.whole(h2))"),
                .plain("   handshakes \(Quantities.count(rates.rate("weir_http_server_tls_handshakes_total")))/s"),
                .plain("   failed \(Quantities.count(rates.rate("weir_http_server_tls_failures_total")))/s"),
            ],
            [
                .heading("LOOPS  "), .plain(loops), .plain("   longest turns (p99) "),
                .plain(Quantities.duration(rates.turns.p99)),
            ],
        ]
    }

    private func connections(_ protocolName: String) -> Double {
        ["edge_http", "edge_https"].reduce(0) {
            $0 + rates.gauge("weir_http_server_connections", ["listener": $1, "protocol": protocolName])
        }
    }

    private var topKeys: [Styled] {
        let room = max(20, width - 27)
        let heading: Styled = [
            .heading(pad("TOP PATHS", room) + padLeft("req/s", 9) + padLeft("share", 9) + padLeft("bytes", 9))
        ]
        if keys.isEmpty { return [heading, [.faint("nothing was asked for of late")]] }
        return [heading]
            + keys.map { key in
                [
                    .plain(pad(Self.printable(key.path), room)),
                    .plain(padLeft(Quantities.count(key.share * rates.requests), 9)),
                    .plain(padLeft(Quantities.share(key.share), 9)),
                    .plain(padLeft(Quantities.share(key.byteShare), 9)),
                ]
            }
    }

    // MARK: Layout

    /// Two tables side by side if there is room, else one below the other.
    private func beside(_ left: [Styled], _ right: [Styled]) -> [Styled] {
        let column = 44
        guard width >= column + 50 else { return left + [[]] + right }
        return (0..<max(left.count, right.count)).map { index in
            let first = index < left.count ? left[index] : []
            let gap = String(repeating: " ", count: max(1, column - first.width))
            return first + (index < right.count ? [.plain(gap)] + right[index] : [])
        }
    }

    private func cut(_ line: Styled) -> String {
        var (room, text) = (width, "")
        for piece in line where room > 0 {
            let part = String(piece.text.prefix(room))
            room -= part.count
            text += styles.apply(piece.style, to: part)
        }
        return text
    }

    /// A path comes from a stranger: what would move a terminal's cursor or change its colours is shown as `?`.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { 0x20...0x7e ~= $0.value ? Character($0) : "?" })
    }

    /// Filled up to `count`, or cut in the middle, where paths are most alike.
    private func pad(_ text: String, _ count: Int) -> String {
        if text.count <= count { return text + String(repeating: " ", count: count - text.count) }
        let half = (count - 1) / 2
        return text.prefix(count - 1 - half) + "…" + text.suffix(half)
    }

    private func padLeft(_ text: String, _ count: Int) -> String {
        String(repeating: " ", count: max(0, count - text.count)) + text
    }
}
