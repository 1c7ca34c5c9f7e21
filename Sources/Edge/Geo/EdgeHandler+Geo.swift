import AccessLog
import Geolocation
import HTTPServer
import HTTPWire

/// Requests from countries that are not served.
extension EdgeHandler {
    /// Answers a client whose country the behavior does not serve. False when it may go on.
    func refuseCountryOnLoop(_ exchange: Exchange, route: Route, _ countries: CountryDatabase) -> Bool {
        let country = connection(of: exchange).country(exchange.peer, in: countries)
        guard let restriction = route.behavior.geoRestriction, !restriction.allows(country) else { return false }
        core.metrics.geoBlocked(country)
        exchange.tag = CacheResult.geoBlocked.rawValue
        exchange.detail = DetailedResultType.clientGeoBlocked.rawValue
        let text = Self.blockedPage
        let body = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        exchange.respondOnLoop(status: .forbidden, body: body) { writer in
            writer.field("Content-Type", "text/html; charset=utf-8")
            writer.field("Cache-Control", "no-store")
            exchange.writeEdgeFields(
                to: &writer, Served(.geoBlocked), policy: route.responseHeaders, status: 403)
        }
        return true
    }

    /// In the form of CloudFront's page.
    private static let blockedPage: StaticString = """
        <!DOCTYPE html>
        <html><head><title>ERROR: The request could not be satisfied</title></head><body>
        <h1>403 ERROR</h1>
        <h2>The request could not be satisfied.</h2>
        <hr>
        The distribution is configured to block access from your country.
        </body></html>

        """
}

extension Exchange {
    /// The client's country, where a database is configured and knows it.
    var country: CountryCode? { (connectionStorage as? ConnectionState)?.country }
}
