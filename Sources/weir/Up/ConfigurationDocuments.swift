import Daemon
import Glibc
import JSON

/// What `weir up` writes for the three processes, one document each, under `DIR/config`.
struct ConfigurationDocuments {
    let installation: Installation
    let addresses: Addresses
    let options: UpOptions

    var directory: String { "\(installation.directory)/config" }
    private var publicURL: String { options.publicURL ?? addresses.edge.url() }
    var issuer: String { "\(addresses.origin.url())/\(installation[.userPoolId])" }

    func path(_ process: String) -> String { "\(directory)/\(process).json" }

    func write() throws {
        try File.makeDirectory(directory, mode: 0o700)
        try File.makeDirectory("\(installation.directory)/work", mode: 0o700)
        try write(try distribution(), as: "distribution")
        try write(edge, as: "edge")
        try write(try origin(), as: "origin")
        try write(transcoder, as: "transcoder")
    }

    private func write(_ document: JSONValue, as name: String) throws {
        try File.writeAtomically(document.serialized(pretty: true), to: path(name), mode: 0o600)
    }

    /// The shipped default distribution with this installation's ids.
    private func distribution() throws -> JSONValue {
        var document = try JSONValue.parse(PackageResources.distribution_json).object ?? [:]
        document["$schema"] = nil
        document["Id"] = .string(installation[.distributionId])
        return JSONValue.object(document).replacing(text: "playback", with: installation[.keyGroupId])
    }

    private var edge: JSONValue {
        [
            "distribution": "distribution.json",
            "http": ["listen": .string(addresses.edge.listen)],
            "https": [
                "listen": .string(addresses.edgeTLS.listen),
                "certificateFile": .string(installation.certificateFile),
                "keyFile": .string(installation.certificateKeyFile),
            ],
            "admin": ["listen": .string(addresses.admin.listen), "token": .string(installation[.edgeToken])],
            "telemetry": telemetry,
            "cache": ["directory": .string("\(installation.directory)/cache")],
            "origins": [
                "media": [
                    "url": .string(addresses.s3.url()), "path": .string("/\(installation[.mediaBucket])"),
                    "sigv4": [
                        "accessKeyId": .string(installation[.edgeAccessKeyId]),
                        "secretAccessKey": .string(installation[.edgeSecretAccessKey]),
                        "region": .string(Installation.region),
                    ],
                ],
                "app": ["url": .string(addresses.origin.url())],
            ],
            "control": [
                "url": .string(addresses.origin.url()), "edgeId": "edge-1",
                "accessKeyId": .string(installation[.edgeAccessKeyId]),
                "secretAccessKey": .string(installation[.edgeSecretAccessKey]),
                "region": .string(Installation.region),
            ],
        ]
    }

    private func origin() throws -> JSONValue {
        [
            "listen": .string(addresses.origin.listen),
            "s3Listen": .string(addresses.s3.listen),
            "adminListen": .string(addresses.originAdmin.listen),
            "adminToken": .string(installation[.originToken]),
            "publicURL": .string(publicURL),
            "originURL": .string(addresses.origin.url()),
            "s3URL": .string(addresses.s3.url()),
            "region": .string(Installation.region),
            "storage": [
                "database": .string(options.databasePath), "objects": .string(options.objectsDirectory),
            ],
            "mail": try mail(),
            "buckets": [
                "uploads": .string(installation[.uploadBucket]), "media": .string(installation[.mediaBucket]),
            ],
            "identity": [
                "userPoolId": .string(installation[.userPoolId]), "clientId": .string(installation[.clientId]),
                "adminEmail": .string(installation[.adminEmail]),
                "adminPassword": .string(installation[.adminPassword]),
                "sealingKey": ["file": .string(installation.sealingKeyFile)],
            ],
            "signing": [
                "keyGroupId": .string(installation[.keyGroupId]),
                "keyPairId": .string(installation[.keyPairId]),
                "privateKeyFile": .string(installation.privateKeyFile),
            ],
            "accessKeys": installation.accessKeys,
            "telemetry": telemetry,
            "workerToken": .string(installation[.workerToken]),
            "distributions": [.string(installation[.distributionId])],
        ]
    }

    /// Where codes and invitations are kept when no mail server is named.
    var mailFolder: String { "\(installation.directory)/mail" }

    /// What the operator has written, or a folder.
    private func mail() throws -> JSONValue {
        guard let path = options.mailPath else { return ["folder": .string(mailFolder)] }
        do {
            return try JSONValue.parse(try File.read(path))
        } catch {
            throw CommandFailure("--mail \(path): \(error)")
        }
    }

    /// A collector that the environment names, by the variable that OpenTelemetry has for it. Who is on this machine, the edge
    /// before the origin among them, says what is recorded.
    private var telemetry: JSONValue {
        guard let endpoint = getenv("OTEL_EXPORTER_OTLP_ENDPOINT") else { return [:] }
        return [
            "otlpEndpoint": .string(String(cString: endpoint)), "trustedCallers": ["127.0.0.0/8", "::1"],
        ]
    }

    /// One document for all workers, which make up their names.
    private var transcoder: JSONValue {
        var work: JSONObject = ["directory": .string("\(installation.directory)/work")]
        if options.workers > 1 {
            // Alone a worker takes all processors, and up to half of the memory.
            let memory = sysconf(Int32(_SC_PHYS_PAGES)) / 1024 * sysconf(Int32(_SC_PAGESIZE)) / 1024
            work["jobs"] = .integer(Int64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / options.workers)))
            work["memoryMebibytes"] = .integer(Int64(max(512, memory / 2 / options.workers)))
        }
        return [
            "origin": [
                "url": .string(addresses.origin.url()), "workerToken": .string(installation[.workerToken]),
            ],
            "objects": [
                "url": .string(addresses.s3.url()), "region": .string(Installation.region),
                "accessKeyId": .string(installation[.workerAccessKeyId]),
                "secretAccessKey": .string(installation[.workerSecretAccessKey]),
                "mediaBucket": .string(installation[.mediaBucket]),
            ],
            "work": .object(work),
        ]
    }

    /// What other people's tools read; every value is text.
    var ready: JSONValue {
        [
            "edge": .string(addresses.edge.url()),
            "edgeTLS": .string(addresses.edgeTLS.url(scheme: "https")),
            "origin": .string(addresses.origin.url()),
            "s3": .string(addresses.s3.url()),
            "admin": .string(addresses.admin.url()),
            "region": .string(Installation.region),
            "userPoolId": .string(installation[.userPoolId]),
            "clientId": .string(installation[.clientId]),
            "issuer": .string(issuer),
            "distributionId": .string(installation[.distributionId]),
            "keyPairId": .string(installation[.keyPairId]),
            "keyGroupId": .string(installation[.keyGroupId]),
            "uploadBucket": .string(installation[.uploadBucket]),
            "mediaBucket": .string(installation[.mediaBucket]),
            "adminEmail": .string(installation[.adminEmail]),
            "adminPassword": .string(installation[.adminPassword]),
            "accessKeyId": .string(installation[.adminAccessKeyId]),
            "secretAccessKey": .string(installation[.adminSecretAccessKey]),
            "edgeToken": .string(installation[.edgeToken]),
            "privateKeyFile": .string(installation.privateKeyFile),
            "publicKeyFile": .string(installation.publicKeyFile),
        ]
    }
}

extension JSONValue {
    /// A copy in which every text that equals one is another.
    fileprivate func replacing(text: String, with replacement: String) -> JSONValue {
        switch self {
        case .string(let found): return .string(found == text ? replacement : found)
        case .array(let elements): return .array(elements.map { $0.replacing(text: text, with: replacement) })
        case .object(let object):
            var copy = JSONObject()
            for member in object.members { copy[member.key] = member.value.replacing(text: text, with: replacement) }
            return .object(copy)
        default: return self
        }
    }
}
