import AccessSigning
import Telemetry

/// What is counted of signed access.
extension EdgeMetricTable {
    static let accessChecks = MetricDeclaration(
        "weir_edge_signed_access_checks_total", .counter, unit: "requests",
        help: """
            Requests checked for signed access, by what proved them: bytes the connection had proved before, bytes another \
            connection had, a signature verified for the request, or none.
            """, labels: ["proof"])
    static let accessMemoRatio = MetricDeclaration(
        "weir_edge_signature_memo_hit_ratio", .gauge, unit: "ratio",
        help:
            "Share of the requests with a good signature, since the start, for which none had to be verified again; 0 to 1."
    )

    static let access: [MetricDeclaration] = [accessChecks, accessMemoRatio]
}

/// One loop's part of what is counted of signed access.
struct AccessCounters {
    /// At the place of each `AccessProof`.
    private let checks: [CounterPart]

    init(_ shard: MetricShard) {
        checks = AccessProof.allCases.map { shard.counter(EdgeMetricTable.accessChecks, "\($0)") }
    }

    func count(_ proof: AccessProof) {
        checks[proof.rawValue].add()
    }
}

extension EdgeMetrics {
    /// Lets each scrape work out how often a memo was good enough.
    func exportAccess() {
        func checks(_ proof: AccessProof) -> Counter {
            registry.counter(EdgeMetricTable.accessChecks, "\(proof)")
        }
        let (connection, loop, signature) = (checks(.connection), checks(.loop), checks(.signature))
        registry.read(EdgeMetricTable.accessMemoRatio) {
            let remembered = connection.value + loop.value
            let all = remembered + signature.value
            return all == 0 ? 0 : Double(remembered) / Double(all)
        }
    }
}
