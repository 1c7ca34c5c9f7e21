// swift-tools-version: 6.2
import PackageDescription

// One line per target, lowest layer first. An import may only point up this file; `Scripts/check` enforces it.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Debug builds, and with them every test, check at run time that accesses do not overlap; see docs/decisions.md.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func system(_ name: String, pkgConfig: String? = nil, apt: String? = nil) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/System/\(name)",
        pkgConfig: pkgConfig,
        providers: apt.map { [.apt([$0])] }
    )
}

func library(
    _ name: String, in folder: String = "Sources", at path: String? = nil, embedding resources: [String] = [],
    besides documents: [String] = [], _ dependencies: String...
) -> Target {
    .target(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: "\(folder)/\(path ?? name)",
        exclude: ["README.md"] + documents,
        resources: resources.map { .embedInCode($0) },
        swiftSettings: settings
    )
}

func program(
    _ name: String, in folder: String = "Sources", embedding resources: [String] = [], _ dependencies: String...
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: "\(folder)/\(name)",
        resources: resources.map { .embedInCode($0) },
        swiftSettings: settings
    )
}

func tests(_ name: String, _ dependencies: String...) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies.map { .byName(name: $0) },
        path: "Tests/\(name)Tests",
        swiftSettings: settings
    )
}

let package = Package(
    name: "Weir",
    products: [
        .executable(name: "weir", targets: ["weir"]),
        .executable(name: "weir-edge", targets: ["weir-edge"]),
        .executable(name: "weir-origin", targets: ["weir-origin"]),
        .executable(name: "weir-transcoder", targets: ["weir-transcoder"]),
        .library(
            name: "WeirParsers",
            targets: [
                "Bytes", "JSON", "XML", "HTTPWire", "HTTP2", "CacheRules", "Playlist", "Crypto", "AccessSigning",
                "AccessLog", "Edge", "CMAF", "WebVTT", "Conformance", "UploadView", "OAuth", "CBOR", "WebAuthn",
                "RelyingParty", "S3Wire", "ResumableUpload", "TusWire", "EdgeControl",
            ]),
    ],
    targets: [
        // C libraries
        system("CBytes"),
        system("CLinux"),
        system("CSandbox"),
        system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        system("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
        system("CLMDB", pkgConfig: "lmdb", apt: "liblmdb-dev"),
        system("CExpat", pkgConfig: "expat", apt: "libexpat1-dev"),
        system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        system("CMaxMindDB", pkgConfig: "libmaxminddb", apt: "libmaxminddb-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CBrotli", pkgConfig: "libbrotlienc", apt: "libbrotli-dev"),
        system("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
        system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CFFmpeg", pkgConfig: "libavformat", apt: "libavformat-dev"),
        system("CEBUR128", pkgConfig: "libebur128", apt: "libebur128-dev"),

        // Pure logic: no Glibc, Foundation, clock or logger
        library("Bytes", "CBytes"),
        library("JSON", "Bytes"),
        library("HTTPWire", "Bytes"),
        library("CacheRules", "Bytes", "HTTPWire"),
        library("Playlist", "Bytes"),
        library("Configuration", "Bytes", "JSON"),
        library("AccessLog", "Bytes", "HTTPWire"),
        library("CBOR"),

        // Wrappers of libraries and the kernel
        library("Crypto", "Bytes", "COpenSSL", "CArgon2"),
        library("AccessSigning", "Bytes", "JSON", "HTTPWire", "Crypto"),
        library("Audit", "Bytes", "JSON", "Crypto"),
        library("Telemetry", "Bytes", "JSON"),
        library("EventLoop", "Bytes", "CLinux"),
        library("TLS", "Bytes", "COpenSSL"),
        library("Transport", "EventLoop", "TLS"),
        library("HTTP2", "Bytes", "HTTPWire", "CNGHTTP2"),
        library(
            "HTTPServer", "Bytes", "JSON", "HTTPWire", "Crypto", "EventLoop", "TLS", "Transport", "Telemetry", "HTTP2"),
        library("HTTPClient", "Bytes", "HTTPWire", "EventLoop", "TLS", "Transport", "Telemetry"),
        library(
            "Tracing", "Bytes", "JSON", "HTTPWire", "Configuration", "Telemetry", "EventLoop", "TLS", "HTTPServer",
            "HTTPClient"),
        library("Daemon", "Bytes", "JSON", "Configuration", "CLinux", "Telemetry", "EventLoop"),
        library("LockFile"),
        library("XML", "CExpat"),
        library("Geolocation", "CMaxMindDB"),
        library("QRCode", "CQREncode"),

        // The edge
        library("Compression", "Bytes", "CZlib", "CBrotli"),
        library("SegmentStore", "Bytes", "LockFile", "CLMDB"),
        library(
            "Edge", "Bytes", "JSON", "HTTPWire", "CacheRules", "Configuration", "Crypto", "AccessSigning", "Telemetry",
            "EventLoop", "TLS", "Transport", "HTTP2", "HTTPServer", "HTTPClient", "Tracing", "SegmentStore",
            "Compression", "Playlist", "AccessLog", "Geolocation"),
        program(
            "weir-edge", "Configuration", "Telemetry", "EventLoop", "HTTPServer", "HTTPClient", "SegmentStore",
            "Daemon",
            "Edge"),

        // Media, pure: shared by the origin, the transcoder and the command line
        library("CMAF", in: "Origin", at: "Media/CMAF"),
        library("MediaPlan", in: "Origin", at: "Media/MediaPlan", "JSON", "CMAF"),
        library("Conformance", in: "Origin", at: "Media/Conformance", "JSON", "Playlist", "CMAF"),
        library("WebVTT", in: "Origin", at: "Media/WebVTT"),
        library("Presentation", in: "Origin", at: "Media/Presentation", "JSON", "Playlist", "WebVTT"),

        // The origin
        library("JSONSchema", in: "Origin", "JSON"),
        library("TokenBuckets", in: "Origin", "HTTPWire"),
        library("OAuth", in: "Origin", "Bytes", "HTTPWire", "Crypto"),
        library("WebAuthn", in: "Origin", "Bytes", "JSON", "HTTPWire", "CBOR", "Crypto"),
        library("SQLiteDatabase", in: "Origin", at: "Catalog/SQLiteDatabase", "CSQLite", "EventLoop"),
        library(
            "Catalog", in: "Origin", at: "Catalog/Catalog", "Bytes", "JSON", "HTTPWire", "Audit", "OAuth",
            "MediaPlan", "Presentation", "EventLoop", "SQLiteDatabase"),
        library("Queues", in: "Origin", "Telemetry", "EventLoop", "Catalog"),
        library("Outbound", in: "Origin", "HTTPWire", "EventLoop", "TLS", "HTTPClient"),
        library(
            "Webhooks", in: "Origin", "Bytes", "JSON", "HTTPWire", "Crypto", "Telemetry", "Audit", "EventLoop",
            "HTTPClient", "Catalog", "Queues", "Outbound"),
        library("ObjectStore", in: "Origin", "Bytes", "Crypto", "CLinux", "EventLoop", "LockFile"),
        library("Objects", in: "Origin", "Bytes", "Crypto", "Catalog", "ObjectStore"),
        library(
            "Archive", in: "Origin", "Bytes", "Crypto", "Telemetry", "Audit", "EventLoop", "Catalog", "ObjectStore"),
        library("Templates", in: "Origin"),
        library(
            "WebDocuments", in: "Origin", embedding: ["weir.svg"], "Bytes", "HTTPWire", "Crypto", "HTTPServer"),
        library("Curl", in: "Origin", "CCurl"),
        library(
            "Mail", in: "Origin", "Templates", "Bytes", "HTTPWire", "Configuration", "EventLoop", "Daemon", "Curl"),
        library("WebFetch", in: "Origin", "Bytes", "HTTPWire", "EventLoop", "Curl"),
        library("RelyingParty", in: "Origin", "Bytes", "JSON", "HTTPWire", "Crypto"),
        library("CommonPasswords", in: "Origin", embedding: ["passwords.txt"], besides: ["LICENSE"]),
        library(
            "Identity", in: "Origin",
            embedding: [
                "Delivery/Templates/sign-up.txt", "Delivery/Templates/sign-up.html",
                "Delivery/Templates/invitation.txt", "Delivery/Templates/invitation.html",
                "Delivery/Templates/password-reset.txt", "Delivery/Templates/password-reset.html",
                "Delivery/Templates/provider-linked.txt", "Delivery/Templates/provider-linked.html",
                "Delivery/Templates/attribute-verification.txt", "Delivery/Templates/attribute-verification.html",
                "Delivery/Templates/password-taken.txt", "Delivery/Templates/password-taken.html",
                "Delivery/Templates/name-taken.txt", "Delivery/Templates/name-taken.html",
                "Delivery/Templates/recovery-codes-made.txt", "Delivery/Templates/recovery-codes-made.html",
                "Delivery/Templates/recovery-code-used.txt", "Delivery/Templates/recovery-code-used.html",
                "Pages/Templates/layout.html",
                "Pages/Templates/paragraph.html",
                "Pages/Templates/form.html",
                "Pages/Templates/field.html",
                "Pages/Templates/hint.html",
                "Pages/Templates/error.html",
                "Pages/Templates/described.html",
                "Pages/Templates/invalid.html",
                "Pages/Templates/autofocus.html",
                "Pages/Templates/button.html",
                "Pages/Templates/link.html",
                "Pages/Templates/links.html",
                "Pages/Templates/notice.html",
                "Pages/Templates/alert.html",
                "Pages/Templates/action.html",
                "Pages/Templates/forward.html",
                "Pages/Templates/authenticator.html",
                "Pages/Templates/pages.css",
                "Delivery/Templates/second-factor-guessed.txt", "Delivery/Templates/second-factor-guessed.html",
            ],
            "Bytes", "JSON", "HTTPWire", "Configuration", "Crypto", "AccessSigning", "Telemetry", "Audit",
            "EventLoop", "HTTPServer", "OAuth", "WebAuthn", "Catalog", "Templates", "WebDocuments", "Mail", "QRCode",
            "CommonPasswords", "RelyingParty", "WebFetch", "TokenBuckets"),
        library("S3Wire", in: "Origin", "Bytes", "JSON", "XML", "HTTPWire"),
        library("TusWire", in: "Origin", "Bytes"),
        library(
            "S3Gateway", in: "Origin", "Bytes", "JSON", "XML", "HTTPWire", "Configuration", "Crypto", "AccessSigning",
            "Telemetry", "S3Wire",
            "EventLoop", "HTTPServer", "SQLiteDatabase", "Catalog", "ObjectStore", "Objects", "Audit", "Archive"),
        library("Viewing", in: "Origin", "Crypto", "Telemetry", "EventLoop", "Catalog"),
        library("ContentKeys", in: "Origin", "Crypto", "Presentation", "Catalog"),
        library(
            "Jobs", in: "Origin", "Bytes", "JSON", "Audit", "MediaPlan", "Presentation", "Telemetry", "EventLoop",
            "Catalog", "Queues", "Webhooks",
            "ContentKeys"),
        library(
            "Imports", in: "Origin", "Bytes", "JSON", "HTTPWire", "Crypto", "Telemetry", "EventLoop", "HTTPClient",
            "Catalog", "ObjectStore", "Objects", "Queues", "Outbound", "Webhooks", "Jobs"),
        library(
            "Publishing", in: "Origin", "Bytes", "JSON", "Crypto", "Playlist", "WebVTT", "Presentation", "Telemetry",
            "EventLoop", "Catalog", "ContentKeys",
            "ObjectStore", "Objects", "Webhooks", "Jobs"),
        library(
            "Downloads", in: "Origin", "Bytes", "HTTPWire", "Telemetry", "EventLoop", "Presentation", "CMAF", "Catalog",
            "ObjectStore", "Objects", "Jobs"),
        library("Library", in: "Origin", "JSON", "Audit", "Telemetry", "Catalog", "Jobs", "Imports"),
        library("Tus", in: "Origin", "Bytes", "Crypto", "Catalog", "ObjectStore", "Objects", "Library", "TusWire"),
        library(
            "EdgeControl", in: "Origin", "Bytes", "JSON", "XML", "HTTPWire", "Crypto", "AccessSigning", "Telemetry",
            "Audit", "EventLoop", "HTTPServer", "Catalog"),
        library(
            "SigningKeys", in: "Origin", "JSON", "Crypto", "AccessSigning", "Telemetry", "Audit", "EventLoop",
            "Catalog", "EdgeControl"),
        library(
            "ServiceAccounts", in: "Origin", "JSON", "Crypto", "AccessSigning", "Telemetry", "Audit", "Catalog"),
        library(
            "API", in: "Origin", embedding: ["openapi.json"], besides: ["openapi.yaml"], "Bytes", "JSON", "HTTPWire",
            "Configuration", "Crypto", "AccessSigning", "Telemetry", "Audit", "EventLoop", "HTTPServer",
            "SQLiteDatabase",
            "Catalog", "Identity", "Queues", "Webhooks", "Imports", "JSONSchema", "TokenBuckets", "Jobs",
            "Downloads", "Library", "Viewing", "MediaPlan", "WebVTT", "Presentation", "Publishing",
            "EdgeControl", "SigningKeys", "ServiceAccounts", "TusWire", "Tus", "Archive"),
        library(
            "Web", in: "Origin",
            embedding: [
                "Pages/home.html", "Pages/watch.html", "Pages/weir.css", "Pages/session.js", "Pages/home.js",
                "Pages/watch.js",
            ],
            "HTTPWire", "HTTPServer", "WebDocuments"),
        program(
            "weir-origin", in: "Origin", "Bytes", "JSON", "Configuration", "Crypto", "AccessSigning", "Telemetry",
            "Audit",
            "EventLoop",
            "TLS", "HTTPWire", "HTTPServer", "HTTPClient", "Tracing", "Daemon", "SQLiteDatabase", "Catalog",
            "ObjectStore", "MediaPlan",
            "Mail", "WebAuthn", "Identity",
            "S3Gateway", "Viewing", "Presentation", "ContentKeys", "Queues", "Outbound", "Webhooks", "Jobs",
            "Imports", "Publishing",
            "Downloads", "Library", "Tus", "Archive",
            "EdgeControl", "SigningKeys", "ServiceAccounts", "API", "Web"),

        // The transcoder
        library("AV", in: "Origin", at: "Media/AV", "CFFmpeg", "CEBUR128", "MediaPlan", "CMAF"),
        library(
            "Transcode", in: "Origin", at: "Media/Transcode", "JSON", "MediaPlan", "CMAF", "WebVTT", "AV",
            "Presentation"),
        library(
            "TranscodeWorker", in: "Origin", at: "Media/TranscodeWorker", "Bytes", "JSON", "Configuration", "Crypto",
            "AccessSigning",
            "Telemetry", "EventLoop", "TLS", "HTTPWire", "HTTPServer", "HTTPClient", "Daemon", "CSandbox", "MediaPlan",
            "Playlist", "Presentation", "Conformance", "Transcode"),
        program("weir-transcoder", in: "Origin", "EventLoop", "HTTPServer", "Daemon", "TranscodeWorker"),

        // The operator's command line
        library("TopView"),
        library("UploadView", "JSON"),
        library("ResumableUpload", "JSON"),
        library("Supervisor", "CLinux", "EventLoop", "Daemon", "LockFile"),
        program(
            "weir", embedding: ["Up/distribution.json"],
            "Bytes", "JSON", "HTTPWire", "Configuration", "Crypto", "AccessSigning", "Audit", "EventLoop", "TLS",
            "HTTPClient",
            "Daemon", "Conformance", "Supervisor", "TopView", "UploadView", "ResumableUpload", "QRCode"),

        // Tests
        library(
            "TestKit", in: "Tests", "Bytes", "JSON", "HTTPWire", "CBOR", "EventLoop", "TLS", "Crypto", "HTTPClient",
            "HTTPServer", "Telemetry"),
        tests("Bytes", "Bytes"),
        tests("JSON", "JSON", "Bytes"),
        tests("HTTPWire", "HTTPWire", "Bytes"),
        tests("CacheRules", "CacheRules", "HTTPWire", "Bytes"),
        tests("Playlist", "Playlist", "Bytes"),
        tests("Configuration", "Configuration", "JSON", "Bytes"),
        tests("Crypto", "Crypto", "Bytes"),
        tests("AccessSigning", "AccessSigning", "Crypto", "HTTPWire", "JSON", "Bytes"),
        tests("AccessLog", "AccessLog", "JSON", "HTTPWire", "Bytes"),
        tests("CBOR", "CBOR"),
        tests("Audit", "Audit", "JSON", "Bytes"),
        tests("Telemetry", "Telemetry", "JSON", "Bytes"),
        tests("EventLoop", "EventLoop", "Bytes", "TestKit"),
        tests("TLS", "TLS", "Crypto", "Bytes", "TestKit"),
        tests("HTTP2", "HTTP2"),
        tests("Transport", "Transport", "EventLoop", "TLS", "Crypto"),
        tests(
            "HTTPServer", "HTTPServer", "HTTP2", "JSON", "HTTPWire", "EventLoop", "TLS", "Transport", "Telemetry",
            "Bytes",
            "TestKit"),
        tests(
            "HTTPClient", "HTTPClient", "HTTPServer", "HTTPWire", "EventLoop", "TLS", "Transport", "Telemetry", "Bytes",
            "Crypto", "TestKit"),
        tests(
            "Tracing", "Tracing", "HTTPServer", "HTTPWire", "JSON", "Telemetry", "EventLoop", "Configuration", "TestKit"
        ),
        tests("LockFile", "LockFile", "TestKit"),
        tests("XML", "XML"),
        tests("QRCode", "QRCode"),
        tests("Geolocation", "Geolocation", "TestKit"),
        tests("Daemon", "Daemon", "Configuration", "JSON", "EventLoop", "TestKit"),
        tests("TopView", "TopView"),
        tests("UploadView", "UploadView", "JSON"),
        tests("ResumableUpload", "ResumableUpload", "JSON"),
        tests("Supervisor", "Supervisor", "EventLoop", "TestKit"),
        program("SegmentStoreCrashProbe", in: "Tests", "Bytes", "SegmentStore"),
        program("SegmentStoreReachProbe", in: "Tests", "Bytes", "SegmentStore"),
        program("JailProbe", in: "Tests", "CSandbox", "TranscodeWorker"),
        program("SigningProbe", in: "Tests", "Bytes", "HTTPWire", "Crypto", "AccessSigning"),
        program(
            "IdentityProbe", in: "Tests", "Bytes", "Catalog", "Crypto", "EventLoop", "HTTPServer", "HTTPWire",
            "Identity",
            "JSON", "Telemetry", "TestKit"),
        program("LibraryProbe", in: "Tests", "Catalog", "TestKit"),
        tests("Compression", "Compression", "Bytes", "CZlib", "CBrotli"),
        tests("SegmentStore", "SegmentStore", "SegmentStoreCrashProbe", "Bytes", "TestKit"),
        tests("Templates", "Templates"),
        tests("Web", "Web", "WebDocuments", "EventLoop", "HTTPServer", "HTTPWire"),
        tests(
            "Edge", "Edge", "Bytes", "JSON", "HTTPWire", "CacheRules", "Configuration", "Crypto", "AccessSigning",
            "Telemetry",
            "EventLoop", "TLS", "HTTP2", "HTTPServer", "HTTPClient", "Tracing", "SegmentStore", "CZlib", "Playlist",
            "AccessLog", "Geolocation", "TestKit"),
        tests("JSONSchema", "JSONSchema", "JSON"),
        tests("TokenBuckets", "TokenBuckets", "HTTPWire"),
        tests("OAuth", "OAuth", "Bytes", "Crypto", "HTTPWire"),
        tests("Outbound", "Outbound", "EventLoop", "HTTPClient", "HTTPWire", "TestKit"),
        tests(
            "Webhooks", "Webhooks", "Queues", "Outbound", "Catalog", "Crypto", "Bytes", "HTTPWire", "EventLoop", "JSON",
            "TestKit"),
        tests(
            "Imports", "Imports", "Queues", "Outbound", "Webhooks", "Jobs", "Catalog", "ObjectStore", "Objects",
            "Bytes",
            "Crypto", "HTTPWire", "EventLoop", "TestKit"),
        tests("Library", "Library", "Catalog", "Jobs", "Telemetry", "TestKit"),
        tests("Queues", "Queues", "Catalog", "Telemetry", "TestKit"),
        tests("SQLiteDatabase", "SQLiteDatabase", "EventLoop", "TestKit"),
        tests(
            "Catalog", "Catalog", "Audit", "MediaPlan", "Presentation", "SQLiteDatabase", "JSON", "Bytes", "EventLoop",
            "TestKit"),
        tests("ObjectStore", "ObjectStore", "Bytes", "EventLoop", "TestKit"),
        tests("Objects", "Objects", "ObjectStore", "Catalog", "EventLoop", "TestKit"),
        tests(
            "Archive", "Archive", "ObjectStore", "Objects", "Catalog", "Bytes", "Crypto", "EventLoop", "Telemetry",
            "TestKit"),
        tests(
            "Mail", "Mail", "Bytes", "Crypto", "Daemon", "EventLoop", "TLS", "TestKit"),
        tests("CommonPasswords", "CommonPasswords"),
        tests("WebFetch", "WebFetch", "HTTPWire", "EventLoop", "Crypto", "TLS", "Daemon", "TestKit"),
        tests("RelyingParty", "RelyingParty", "Bytes", "JSON", "HTTPWire", "Crypto"),
        tests(
            "Identity", "Identity", "Mail", "Audit", "OAuth", "WebAuthn", "Catalog", "SQLiteDatabase", "Crypto", "JSON",
            "HTTPWire",
            "HTTPServer",
            "EventLoop", "Bytes",
            "AccessSigning", "Telemetry", "RelyingParty", "WebFetch", "TokenBuckets", "TestKit"),
        tests("WebAuthn", "WebAuthn", "CBOR", "Crypto", "JSON", "TestKit"),
        tests("S3Wire", "S3Wire"),
        tests("TusWire", "TusWire"),
        tests(
            "Tus", "Tus", "TusWire", "Library", "Objects", "ObjectStore", "Catalog", "Crypto", "Bytes", "EventLoop",
            "TestKit"),
        tests(
            "S3Gateway", "S3Gateway", "Archive", "ObjectStore", "Objects", "Catalog", "SQLiteDatabase", "AccessSigning",
            "Crypto",
            "JSON",
            "HTTPWire",
            "HTTPServer", "HTTPClient", "EventLoop", "Bytes", "Telemetry", "TestKit"),
        tests(
            "EdgeControl", "EdgeControl", "Audit", "XML", "Catalog", "SQLiteDatabase", "AccessSigning", "HTTPServer",
            "HTTPWire", "JSON", "EventLoop", "Telemetry", "Bytes", "TestKit"),
        tests(
            "SigningKeys", "SigningKeys", "Audit", "EdgeControl", "Catalog", "SQLiteDatabase", "AccessSigning",
            "Crypto",
            "JSON",
            "EventLoop", "Telemetry", "TestKit"),
        tests(
            "ServiceAccounts", "ServiceAccounts", "Catalog", "AccessSigning", "Audit", "Telemetry", "TestKit"),
        tests("Viewing", "Viewing", "Catalog", "Telemetry", "TestKit"),
        tests("ContentKeys", "ContentKeys", "Presentation", "Catalog", "Crypto", "TestKit"),
        tests(
            "Jobs", "Jobs", "ContentKeys", "Crypto", "MediaPlan", "Presentation", "Catalog", "SQLiteDatabase", "JSON",
            "EventLoop",
            "Telemetry", "Bytes",
            "TestKit"),
        tests(
            "Publishing", "Publishing", "Jobs", "ContentKeys", "Crypto", "WebVTT", "MediaPlan", "Presentation",
            "Playlist",
            "ObjectStore",
            "Catalog",
            "SQLiteDatabase",
            "EventLoop", "JSON", "Telemetry", "TestKit"),
        tests(
            "Downloads", "Downloads", "JSON", "Jobs", "ContentKeys", "Crypto", "Presentation", "CMAF", "ObjectStore",
            "Objects",
            "Catalog",
            "SQLiteDatabase", "EventLoop", "Telemetry", "TestKit"),
        tests(
            "API", "API", "Archive", "JSONSchema", "Audit", "Outbound", "Webhooks", "Imports", "Tus", "EdgeControl",
            "SigningKeys",
            "ServiceAccounts",
            "Identity",
            "ContentKeys", "Jobs",
            "Publishing", "Viewing", "Library",
            "Presentation",
            "Objects",
            "ObjectStore", "Catalog", "SQLiteDatabase",
            "AccessSigning", "Crypto",
            "JSON",
            "HTTPWire",
            "HTTPServer", "HTTPClient", "EventLoop", "Bytes", "Telemetry", "TestKit"),
        tests("MediaPlan", "MediaPlan", "CMAF", "JSON"),
        tests("CMAF", "CMAF"),
        tests("WebVTT", "WebVTT"),
        tests("Conformance", "Conformance", "CMAF", "Playlist", "JSON"),
        tests("AV", "AV", "CMAF", "MediaPlan", "EventLoop"),
        tests("Presentation", "Presentation", "Playlist", "JSON"),
        tests("Transcode", "Transcode", "AV", "CMAF", "CFFmpeg", "MediaPlan", "Presentation", "JSON", "EventLoop"),
        tests(
            "TranscodeWorker", "TranscodeWorker", "JailProbe", "CSandbox", "Crypto", "Transcode", "Presentation",
            "Playlist",
            "Configuration",
            "AccessSigning", "JSON",
            "HTTPWire", "HTTPServer",
            "HTTPClient", "EventLoop", "Telemetry", "Bytes", "TestKit"),
    ]
)
