/// Builds Prometheus' text exposition format: families of samples with HELP and TYPE lines.
struct PrometheusText {
    private(set) var bytes: [UInt8] = []
    private var name = ""
    private var labels: [String] = []

    mutating func begin(_ declaration: MetricDeclaration) {
        name = declaration.name
        labels = declaration.labels
        let type =
            switch declaration.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        put("# HELP \(name) \(Self.escaped(declaration.help, quotes: false))\n# TYPE \(name) \(type)\n")
    }

    mutating func add(_ values: [String], _ value: String) {
        sample(name, pairs(values), value)
    }

    mutating func add(_ values: [String], _ histogram: Histogram) {
        let (counts, sum) = histogram.snapshot
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
            sample("\(name)_bucket", pairs(values) + ["le=\"\(bound)\""], total.description)
        }
        sample("\(name)_sum", pairs(values), Self.number(sum))
        sample("\(name)_count", pairs(values), total.description)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return Int64(value).description }
        return value.description
    }

    private func pairs(_ values: [String]) -> [String] {
        zip(labels, values).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
    }

    private mutating func sample(_ name: String, _ pairs: [String], _ value: String) {
        put(name)
        if !pairs.isEmpty { put("{\(pairs.joined(separator: ","))}") }
        put(" \(value)\n")
    }

    private mutating func put(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
