/// A page of metrics in Prometheus' text format, as far as a view needs it: names, labels, values.
public struct MetricsPage: Sendable {
    /// One time series.
    struct Series: Sendable, Equatable {
        let labels: [String: String]
        let value: Double
    }

    private var series: [String: [Series]] = [:]

    /// Reads a page. Lines that are none of the format are left out: a newer edge may say more.
    public init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let (name, series) = Self.read(line) else { continue }
            self.series[name, default: []].append(series)
        }
    }

    /// Whether the metric is there at all.
    func has(_ name: String) -> Bool { series[name] != nil }

    /// The sum of the series that have these labels.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        matching(name, labels).reduce(0) { $0 + $1.value }
    }

    /// The sums by one label, among the series that have the others.
    func sums(_ name: String, by label: String, _ labels: [String: String] = [:]) -> [String: Double] {
        matching(name, labels).reduce(into: [:]) { sums, series in
            if let value = series.labels[label] { sums[value, default: 0] += series.value }
        }
    }

    /// The cumulative counts of a histogram by upper bound.
    func buckets(_ name: String, _ labels: [String: String] = [:]) -> [Double: Double] {
        matching(name + "_bucket", labels).reduce(into: [:]) { counts, series in
            guard let text = series.labels["le"], let bound = text == "+Inf" ? .infinity : Double(text) else { return }
            counts[bound, default: 0] += series.value
        }
    }

    private func matching(_ name: String, _ labels: [String: String]) -> [Series] {
        (series[name] ?? []).filter { series in labels.allSatisfy { series.labels[$0.key] == $0.value } }
    }

    private static func read(_ line: Substring) -> (String, Series)? {
        var rest = line
        let name = rest.prefix { $0 != "{" && $0 != " " }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                guard let (label, value) = readLabel(&rest) else { return nil }
                labels[label] = value
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst().prefix { $0 != " " }) else { return nil }
        return (String(name), Series(labels: labels, value: value))
    }

    private static func readLabel(_ rest: inout Substring) -> (String, String)? {
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let label = String(rest[..<equals])
        rest = rest[rest.index(after: equals)...]
        guard rest.first == "\"" else { return nil }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (label, value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}
