import EventLoop
import Geolocation

/// The country of a connection's client, looked up once for each database.
struct ConnectionCountry {
    private(set) var country: CountryCode?
    private var database: CountryDatabase?

    mutating func lookUp(_ peer: SocketAddress, in countries: CountryDatabase) -> CountryCode? {
        if database !== countries {
            country = countries.country(of: peer.ipBytes)
            database = countries
        }
        return country
    }
}
