import Configuration
import TLS

/// What the `https` section says, with its files read and each certificate tried, so that a wrong one is told at its place.
struct TLSListenerReading {
    let sources: SettingsSources
    private(set) var problems: [ConfigurationProblem] = []

    init(sources: SettingsSources) {
        self.sources = sources
    }

    /// `nil` when there is no such listener, or a problem with it.
    mutating func settings(_ section: Configuration) -> EdgeSettings.HTTPS? {
        guard let listen = section.optionalText("listen") else { return nil }
        var certificates: [TLSCertificate?] = []
        let listed = section.list("certificates")
        if section.optionalText("certificateFile") != nil || section.optionalText("keyFile") != nil || listed.isEmpty {
            certificates.append(certificate(section, at: "$.https"))
        }
        for (index, entry) in listed.enumerated() {
            certificates.append(certificate(entry, at: "$.https.certificates[\(index)]"))
        }
        let secret = ticketSecret(section)
        guard problems.isEmpty else { return nil }
        return .init(
            listen: listen, certificates: certificates.compactMap(\.self),
            oldestVersion: section.text("minimumVersion") == "1.3" ? .tls13 : .tls12, ticketSecret: secret,
            ticketSeconds: section.integer("ticketRotationSeconds"), watchSeconds: section.integer("watchSeconds"),
            publicPort: section.integer("publicPort"))
    }

    private mutating func certificate(_ values: Configuration, at path: String) -> TLSCertificate? {
        let chain = file(values, "certificateFile", at: path)
        let key = file(values, "keyFile", at: path)
        let response =
            values.optionalText("ocspResponseFile") == nil ? nil : file(values, "ocspResponseFile", at: path)
        guard let chain, let key else { return nil }
        let certificate = TLSCertificate(chain: chain, key: key, ocspResponse: response)
        do {
            _ = try TLSServerContext(certificates: [certificate])
            return certificate
        } catch {
            refuse(path, "\(error)")
            return nil
        }
    }

    private mutating func ticketSecret(_ section: Configuration) -> [UInt8]? {
        guard section.optionalText("ticketKeyFile") != nil,
            let source = file(section, "ticketKeyFile", at: "$.https")
        else { return nil }
        if source.bytes.count < TLSTicketKeys.leastSecretBytes {
            refuse(
                "$.https.ticketKeyFile",
                "\(source.name) has \(source.bytes.count) bytes, needed are \(TLSTicketKeys.leastSecretBytes) and more")
        }
        return source.bytes
    }

    private mutating func file(_ values: Configuration, _ key: String, at path: String) -> TLSCertificate.Source? {
        guard let name = values.optionalText(key) else {
            refuse("\(path).\(key)", "is required here")
            return nil
        }
        let place = sources.path(name)
        do {
            return TLSCertificate.Source(try sources.readFile(place), named: place)
        } catch {
            refuse("\(path).\(key)", "\(error)")
            return nil
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
