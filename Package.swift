// swift-tools-version: 6.3
import PackageDescription

/// The same rules everywhere: language mode 6, the upcoming features that make imports and isolation explicit, and no warnings.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "signet",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .executable(name: "signet", targets: ["signet"]),
        .library(name: "SignetTokens", targets: ["SignetTokens"]),
        .library(name: "SignetVerifier", targets: ["SignetVerifier"]),
        .library(name: "SignetHummingbird", targets: ["SignetHummingbird"]),
        .library(name: "SignetClient", targets: ["SignetClient"]),
        .library(name: "SignetClientTesting", targets: ["SignetClientTesting"]),
        .library(name: "SignetSessions", targets: ["SignetSessions"]),
        .library(name: "SignetSQLite", targets: ["SignetSQLite"]),
        .library(name: "SignetServer", targets: ["SignetServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // The tests' judge of our tokens; no target that ships imports it.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Pure values and rules, no I/O: token formats, claims, signatures, the rotation decision. Foundation and Crypto, nothing else.
        .target(name: "SignetTokens", dependencies: [crypto, cryptoExtras], swiftSettings: settings),

        // What a resource server needs: verifies access tokens against the issuer's keys. No database, no HTTP server.
        .target(
            name: "SignetVerifier",
            dependencies: ["SignetTokens", asyncHTTPClient, httpTypes, lifecycle, logging, metrics, nioCore, nioHTTP1],
            swiftSettings: settings
        ),

        // The middleware that gives a Hummingbird handler the caller's identity.
        .target(
            name: "SignetHummingbird",
            dependencies: ["SignetVerifier", "SignetTokens", hummingbird, httpTypes, logging, nioCore],
            swiftSettings: settings),

        // What an app needs: keeps both tokens, renews by itself. URLSession; no NIO.
        .target(name: "SignetClient", dependencies: ["SignetTokens", httpTypes], swiftSettings: settings),

        // For the tests of whoever writes another token store: the promises that each store keeps. Linked by test targets alone.
        .target(
            name: "SignetClientTesting", dependencies: ["SignetClient", "SignetTokens", httpTypes], swiftSettings: settings),

        // Debian's libargon2, the reference implementation of RFC 9106.
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),

        // The use cases and the storage protocol: sign in, renew, revoke, list; password hashing; the key ring. Knows no engine and no HTTP.
        .target(name: "SignetSessions", dependencies: ["SignetTokens", "CArgon2", crypto, nioPosix], swiftSettings: settings),

        // The embedded storage driver.
        .target(name: "SignetSQLite", dependencies: ["SignetSessions", "SignetTokens", grdb], swiftSettings: settings),

        // HTTP: endpoints turn requests into use cases; Serve.swift is the composition root.
        .target(
            name: "SignetServer",
            dependencies: [
                "SignetSessions", "SignetSQLite", "SignetTokens", hummingbird, httpTypes, lifecycle, logging, metrics, nioCore,
                nioPosix, configuration,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                unixSignals,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),

        // The command-line tool: serve, operate, and an end client.
        .executableTarget(
            name: "signet",
            dependencies: [
                "SignetServer", "SignetSessions", "SignetSQLite", "SignetClient", "SignetVerifier", "SignetTokens",
                argumentParser, asyncHTTPClient, httpTypes, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"), logging, nioPosix, unixSignals,
            ],
            swiftSettings: settings
        ),

        // A small real API that Signet protects: a process of its own in the demo and the end-to-end tests.
        .executableTarget(
            name: "NotesAPI",
            dependencies: [
                "SignetHummingbird", "SignetVerifier", "SignetTokens", hummingbird, httpTypes, nioCore, grdb, argumentParser,
                logging,
            ],
            path: "Examples/NotesAPI",
            swiftSettings: settings
        ),

        // Ratios of this machine: what a renewal, a verification and a forged token cost beside the bare work under them.
        .executableTarget(
            name: "SignetBenchmarks",
            dependencies: ["SignetSessions", "SignetSQLite", "SignetTokens", crypto, grdb, nioPosix],
            path: "Benchmarks/SignetBenchmarks",
            swiftSettings: settings
        ),

        // Linked by test targets alone: manual clock, seeded generator, fixtures, the storage contract.
        .target(
            name: "SignetTestKit", dependencies: ["SignetSessions", "SignetTokens", logging, nioPosix], swiftSettings: settings),

        .testTarget(
            name: "SignetTokensTests",
            dependencies: ["SignetTokens", "SignetTestKit", crypto, cryptoExtras, .product(name: "JWTKit", package: "jwt-kit")],
            resources: [.copy("Vectors")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SignetVerifierTests",
            dependencies: [
                "SignetVerifier", "SignetTokens", "SignetTestKit", crypto, httpTypes, lifecycle, logging,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SignetHummingbirdTests",
            dependencies: [
                "SignetHummingbird", "SignetVerifier", "SignetTokens", "SignetTestKit", hummingbird, hummingbirdTesting, crypto,
                httpTypes, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SignetClientTests", dependencies: ["SignetClient", "SignetTokens", "SignetTestKit", httpTypes],
            swiftSettings: settings),
        .testTarget(
            name: "SignetClientTestingTests", dependencies: ["SignetClientTesting", "SignetClient", "SignetTestKit"],
            swiftSettings: settings),
        .testTarget(
            name: "SignetSessionsTests",
            dependencies: ["SignetSessions", "SignetSQLite", "SignetTokens", "SignetTestKit", crypto, nioPosix],
            swiftSettings: settings),
        .testTarget(
            name: "SignetSQLiteTests",
            dependencies: ["SignetSQLite", "SignetSessions", "SignetTokens", "SignetTestKit", crypto, grdb],
            swiftSettings: settings),
        .testTarget(
            name: "SignetServerTests",
            dependencies: [
                "SignetServer", "SignetSessions", "SignetSQLite", "SignetTokens", "SignetTestKit", hummingbird,
                hummingbirdTesting, httpTypes, logging, lifecycle, nioCore, nioPosix, grdb,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "SignetTestKitTests", dependencies: ["SignetTestKit", "SignetTokens"], swiftSettings: settings),
        .testTarget(
            name: "NotesAPITests",
            dependencies: [
                "NotesAPI", "SignetHummingbird", "SignetVerifier", "SignetTokens", "SignetTestKit", hummingbird,
                hummingbirdTesting, crypto, grdb, httpTypes, logging, nioCore,
            ], swiftSettings: settings),
        .testTarget(
            name: "signetTests",
            dependencies: [
                "signet", "SignetServer", "SignetClient", "SignetTokens", "SignetTestKit", argumentParser, logging, nioCore,
                nioPosix,
            ],
            swiftSettings: settings),
    ]
)
