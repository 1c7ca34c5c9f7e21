import Configuration
import Geolocation

/// Reads the country database that a process configuration names, and looks whether one is needed.
struct CountryDatabaseReading {
    private(set) var database: CountryDatabase?
    private(set) var problems: [ConfigurationProblem] = []

    private static let path = "$.geo.databaseFile"

    init(_ values: Configuration, sources: SettingsSources) {
        guard let name = values.optionalText("databaseFile") else { return }
        let path = sources.path(name)
        do {
            database = try CountryDatabase(try sources.readFile(path))
        } catch let refused as CountryDatabaseRefused {
            refuse("\(path) is no country database in MaxMind's format (.mmdb): \(refused)")
        } catch {
            refuse("\(error); name a database in MaxMind's format, or remove the key")
        }
    }

    /// Without a database nobody's country is known, and a restriction would mean the opposite of what it says.
    mutating func require(for behaviors: [Behavior]) {
        guard database == nil, problems.isEmpty,
            let behavior = behaviors.first(where: { $0.geoRestriction != nil })
        else { return }
        refuse(
            "is required: the behavior \(behavior.name) is restricted by country; name a database in MaxMind's format, or "
                + "remove the GeoRestriction")
    }

    private mutating func refuse(_ message: String) {
        problems.append(ConfigurationProblem(path: Self.path, message: message))
    }
}
