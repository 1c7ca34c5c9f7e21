import Geolocation
import Telemetry

/// What is counted of clients by country: there are fewer than three hundred.
extension EdgeMetricTable {
    static let geoBlocked = MetricDeclaration(
        "weir_edge_geo_blocked_total", .counter, unit: "requests",
        help: "Requests refused because of the client's country; ZZ is an unknown one.", labels: ["country"])

    static let geo: [MetricDeclaration] = [geoBlocked]
}

extension EdgeMetrics {
    func geoBlocked(_ country: CountryCode?) {
        registry.counter(EdgeMetricTable.geoBlocked, country?.description ?? "ZZ").add()
    }
}
